/*
 * Everybody on a computer with Windows can see the names of its pipes, and can make one whose name is free. So a pipe of the hook has a
 * random name, which holds its process id: nobody connects to it when that process has ended, even if the pipe is there again.
 */

const NAME = /^\\\\\.\\pipe\\knockgate-([1-9][0-9]{0,9})-[\w-]+$/;

/** @param token random: it has not been used before, and nobody can guess it */
export function pipeName(pid: number, token: string): string {
  return `\\\\.\\pipe\\knockgate-${pid}-${token}`;
}

export function isPipeName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a text names a pipe of the hook whose process has ended, or is somebody else's. False for a socket. */
export function isOrphanedPipe(text: string): boolean {
  const pid = NAME.exec(text)?.[1];
  return pid !== undefined && !isOwnProcess(Number(pid));
}

/** Whether a process is ours. Signal 0 is not sent: the system only says whether it could be. */
function isOwnProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
