/** More bytes than any expected answer has: a list of 100,000 grants has 10 MB. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Output of a program on the target, up to a limit: a server could write without end, into the memory of the editor. */
export class Collected {
  private readonly chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
  private readonly most: number;
  private bytes = 0;

  /** @param most bytes of both streams together */
  constructor(most = MOST_BYTES) {
    this.most = most;
  }

  /** @returns false once there is too much; the rest is not kept */
  add(stream: 'stdout' | 'stderr', chunk: Buffer): boolean {
    this.bytes += chunk.length;
    if (this.bytes > this.most) return false;
    this.chunks[stream].push(chunk);
    return true;
  }

  texts(): { readonly stdout: string; readonly stderr: string } {
    const { stdout, stderr } = this.chunks;
    return { stdout: Buffer.concat(stdout).toString('utf8'), stderr: Buffer.concat(stderr).toString('utf8') };
  }
}
