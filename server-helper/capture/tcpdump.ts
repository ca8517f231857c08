import { type ChildProcess, spawn } from 'node:child_process';
import { LOG_PREFIX } from '../log-prefix.ts';
import { captureFailed, groupInUse, programMissing, reasonOf } from '../problems.ts';
import { reached } from '../stages.ts';
import { SYSTEM_ENVIRONMENT } from '../system-environment.ts';
import type { Capture, CaptureEvents } from './capture.ts';
import { ipPacketOf, isBehindTranslation, logPrefixOf } from './link-layer.ts';
import { parseUdpPacket, sourceOf } from './packet.ts';
import { PcapStream } from './pcap-stream.ts';
import { readerState, Stall } from './stall.ts';

/** Milliseconds before a dead tcpdump is started again: at once, then ever more patiently. */
const RETRIES = [0, 250, 1000, 5000];
/** Bytes of the longest packet that the table hands over, 1,600, with what the kernel writes before it. */
const LONGEST_FRAME = '2000';
/** Milliseconds after which a tcpdump counts as one that works. */
const SETTLED = 5000;

/** Notes on the processes that a capture starts, so that a later daemon can end those that a crash left behind. */
export interface ChildLedger {
  started(pid: number): void;
}

/** Hears matched knocks from the kernel's NFLOG, through `tcpdump`, which it starts again whenever it ends. */
export class NflogCapture implements Capture {
  private readonly group: number;
  private readonly ledger: ChildLedger;
  private child: ChildProcess | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;
  private readonly stall = new Stall();
  private frames = 0;
  private hung = false;

  constructor(group: number, ledger: ChildLedger) {
    this.group = group;
    this.ledger = ledger;
  }

  start(events: CaptureEvents): Promise<void> {
    return this.launch(events);
  }

  heartbeat(): void {
    const pid = this.child?.pid;
    if (pid === undefined || !this.stall.hangs(readerState(pid), this.frames)) return;
    this.hung = true;
    this.child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    const child = this.child;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    // One that somebody has stopped does not hear that before it goes on.
    child.kill('SIGCONT');
    await ended;
  }

  /** Resolves when tcpdump says that it listens; rejects when it ends before. */
  private launch(events: CaptureEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      // -U with the queue threshold of 1 in our rule: each packet is handed on at once. Nothing is resolved or printed.
      // -B (KiB, as far as net.core.rmem_max lets it): at the usual 208 KiB a burst of 1,500 knocks lost two thirds.
      const args = ['-i', `nflog:${this.group}`, '-n', '-U', '-s', LONGEST_FRAME, '-B', '4096', '-w', '-'];
      const child = spawn('tcpdump', args, { env: SYSTEM_ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
      this.child = child;
      if (child.pid !== undefined) this.ledger.started(child.pid);
      let listening = false;
      const startedAt = performance.now();
      let said = '';
      const stream = new PcapStream((frame) => {
        this.frames += 1;
        const ip = ipPacketOf(frame.linkType, frame.bytes, frame.littleEndian);
        const prefix = logPrefixOf(frame.linkType, frame.bytes, frame.littleEndian);
        if (prefix !== undefined && prefix !== LOG_PREFIX.opened && prefix !== LOG_PREFIX.asked) {
          const source = ip === undefined ? undefined : sourceOf(ip);
          if (source !== undefined) events.reported?.(prefix, source);
          return;
        }
        const heard = ip === undefined ? undefined : parseUdpPacket(ip);
        if (heard === undefined) return;
        const { destination, ...rest } = heard;
        const isTranslated = isBehindTranslation(frame.linkType, frame.bytes, frame.littleEndian);
        const packet = {
          ...rest,
          ...(!isTranslated && destination !== undefined && { destination }),
          isOpened: prefix === LOG_PREFIX.opened,
        };
        reached('read', packet, frame);
        events.packet(packet);
      });
      child.stdout.on('data', (chunk: Buffer) => {
        try {
          stream.push(chunk);
        } catch {
          child.kill('SIGKILL');
        }
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = `${said}${text}`.slice(-2000);
        if (!listening && said.includes('listening on')) {
          listening = true;
          resolve();
        }
      });
      child.on('error', (error: NodeJS.ErrnoException) => {
        this.child = undefined;
        reject(error.code === 'ENOENT' ? programMissing('tcpdump') : captureFailed(reasonOf(error)));
      });
      child.on('close', () => {
        this.child = undefined;
        if (this.stopped) return;
        if (listening) {
          if (performance.now() - startedAt > SETTLED) this.failures = 0;
          events.lost(this.hung ? 'tcpdump hung, and was ended' : 'tcpdump ended');
          this.hung = false;
          this.relaunch(events);
        } else reject(refusalOf(said, this.group));
      });
    });
  }

  private relaunch(events: CaptureEvents): void {
    const wait = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
    this.failures += 1;
    this.retry = setTimeout(() => {
      this.launch(events).then(
        () => events.restored(),
        (error: unknown) => {
          events.lost(reasonOf(error));
          this.relaunch(events);
        },
      );
    }, wait);
  }
}

/** Problems by what tcpdump printed last, when it ends before it listens. */
export function refusalOf(said: string, group: number): Error {
  // The kernel gives a group to one reader; to a second it says "operation not permitted". It says so of other things, too.
  if (/listen on group.*not permitted/i.test(said)) return groupInUse(group);
  return captureFailed(said.trim() || 'tcpdump ended without a word.');
}
