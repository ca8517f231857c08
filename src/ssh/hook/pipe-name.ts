/*
 * On Windows, every user can see the names of all pipes, and can make a pipe with a free name. So a pipe of the hook has a
 * random name that contains its process id. Once that process has ended nobody connects to it, even if there is a pipe of
 * that name again.
 */

const NAME = /^\\\\\.\\pipe\\knockgate-([1-9][0-9]{0,9})-[\w-]+$/;

/** @param token random and new: nobody can guess it */
export function pipeName(pid: number, token: string): string {
  return `\\\\.\\pipe\\knockgate-${pid}-${token}`;
}

export function isPipeName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a text names a pipe of the hook whose process has ended or belongs to somebody else. False for a socket. */
export function isOrphanedPipe(text: string): boolean {
  const pid = NAME.exec(text)?.[1];
  return pid !== undefined && !isOwnProcess(Number(pid));
}

/** Whether a process is ours. Signal 0 is not sent: the system only says whether we may send it. */
function isOwnProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
