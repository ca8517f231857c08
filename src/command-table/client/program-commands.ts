import type { CommandEntry } from '../entry.ts';

/** The command that is about the program itself. */
export const COMPLETION: CommandEntry = {
  name: 'completion',
  summary: 'Print the completion for a shell',
  about: [
    'Prints a script that lets a shell complete commands, options and the names of hosts. bash reads it from ~/.local/share/bash-completion/completions/knockgate when the package bash-completion is there, fish from ~/.config/fish/completions/knockgate.fish, and zsh from a file _knockgate in a folder of its fpath.',
  ],
  arguments: [{ name: 'SHELL', about: 'bash, zsh or fish', proposes: ['bash', 'zsh', 'fish'] }],
  options: [],
  examples: [
    { line: 'source <(knockgate completion bash)', about: 'In ~/.bashrc.' },
    { line: 'knockgate completion zsh > ~/.zsh/_knockgate', about: 'For zsh, when ~/.zsh is in its fpath.' },
    { line: 'knockgate completion fish > ~/.config/fish/completions/knockgate.fish', about: 'For fish.' },
  ],
};
