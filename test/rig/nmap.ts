import { run } from './netns.ts';

/** A port as nmap saw it. */
export interface ScannedPort {
  protocol: string;
  port: number;
  state: string;
  reason: string;
}

/** A finished scan. */
export interface Scan {
  /** The XML without anything that differs between two scans of the same host: for comparing as a string. */
  xml: string;
  /** Ports that are listed one by one. */
  ports: ScannedPort[];
  /** Ports that nmap sums up, by state: `{ filtered: 1000 }`. */
  summed: Record<string, number>;
}

/** Runs nmap in a namespace. `-n -Pn` is given already: nobody to ask for names, and the host may not answer pings. */
export async function nmap(ns: string, args: readonly string[], timeout = 120_000): Promise<Scan> {
  const { code, stdout, stderr } = await run(ns, ['nmap', '-n', '-Pn', '-oX', '-', ...args], { timeout });
  if (code !== 0) throw new Error(`nmap: exit ${code}: ${stderr.trim()}`);
  return readScan(stdout);
}

/** Reads the few facts that we ask for; a whole XML parser would be more than they need. */
function readScan(raw: string): Scan {
  const ports = [...raw.matchAll(/<port protocol="(\w+)" portid="(\d+)"><state state="([^"]+)" reason="([^"]+)"/g)];
  const summed = [...raw.matchAll(/<extraports state="([^"]+)" count="(\d+)"/g)];
  return {
    xml: timeless(raw),
    ports: ports.map(([, protocol = '', port = '', state = '', reason = '']) => {
      return { protocol, port: Number(port), state, reason };
    }),
    summed: Object.fromEntries(summed.map(([, state = '', count = '']) => [state, Number(count)])),
  };
}

/** Takes out clocks, round-trip times, the command line and progress marks. */
function timeless(raw: string): string {
  return raw
    .replace(/<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<\?xml-stylesheet[^>]*\?>|<!--[\s\S]*?-->/g, '')
    .replace(/<(taskbegin|taskend|taskprogress)\b[^>]*\/>/g, '')
    .replace(/<times\b[^>]*\/>/g, '')
    .replace(/<hostnames>[\s\S]*?<\/hostnames>/g, '')
    .replace(/ (start|startstr|starttime|end|endtime|time|timestr|elapsed|summary|args)="[^"]*"/g, '')
    .replace(/\s*\n\s*/g, '\n')
    .trim();
}
