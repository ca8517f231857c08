import { phrase } from '../../base/phrase.ts';
import { ExitCode, Problem } from '../../base/problem.ts';
import type { Refusal } from '../../ssh/hook/config-change.ts';

/* Errors of the SSH hook. After each of them the SSH configuration is as it was. */

/** The markers of the block have changed. */
export function blockMalformed(path: string): Problem {
  return new Problem({
    code: 'ssh-config-block-malformed',
    what: phrase('{0}: somebody changed the lines that Knockgate wrote there; nothing was changed.', path),
    why: phrase('A marker is missing or occurs twice, or other lines are between the two.'),
    next: phrase(
      'Delete the lines from "# >>> knockgate >>>" to "# <<< knockgate <<<" that are not yours, then try again.',
    ),
    exit: ExitCode.configuration,
  });
}

/** The SSH configuration could not be changed safely. */
export function configRefused(path: string, refusal: Refusal): Problem {
  const texts = {
    'changed-meanwhile': {
      what: phrase('{0}: somebody else changed it meanwhile; nothing was changed.', path),
      next: phrase('Try again, and review the change again.'),
    },
    'read-only': {
      what: phrase('{0}: it is read-only; nothing was changed.', path),
      next: phrase('Make it writable if it is yours to change, then try again.'),
    },
    'dead-link': {
      what: phrase('{0}: it is a link to a file that does not exist; nothing was changed.', path),
      next: phrase('Make that file, or remove the link, then try again.'),
    },
  };
  return new Problem({ code: `ssh-config-${refusal}`, ...texts[refusal], exit: ExitCode.configuration });
}

/** The system refuses to read or write a file. `code` is its error code. */
export function configUnwritable(path: string, code: string): Problem {
  return new Problem({
    code: 'ssh-config-unwritable',
    what: phrase('{0}: it cannot be written; nothing was changed.', path),
    why: phrase('The system said {0}.', code),
    next: phrase('Check the permissions of this file and of its folder, then try again.'),
    exit: ExitCode.configuration,
  });
}

/** A path has characters that an SSH configuration, or the shell that ssh starts, would change. */
export function pathUnusable(path: string, platform: NodeJS.Platform): Problem {
  const isWindows = platform === 'win32';
  return new Problem({
    code: 'ssh-hook-path',
    what: phrase('The SSH hook cannot be enabled: ssh could not run it at {0}.', path),
    why: isWindows
      ? phrase('The path has characters that cmd.exe cannot handle here, and Windows has no short (8.3) name for it.')
      : phrase('The path has quotes or other characters that a shell interprets.'),
    next: isWindows
      ? phrase(
          'Start the editor with --user-data-dir and a folder on a local disk, such as C:\\Code: letters, digits and . _ - + ~ @ only. Remote windows are knocked for without the hook.',
        )
      : phrase(
          'Start the editor with another folder for its data (--user-data-dir). Remote windows are knocked for without the hook.',
        ),
    exit: ExitCode.configuration,
  });
}
