import type { PortRange, Protocol } from '../base/ports.ts';
import { serviceOf } from './services.ts';

/** First and last port. */
export type Span = readonly [first: number, last: number];

/**
 * Reads `22`, `ssh` or `60000:60010`.
 * @param between the sign between the two ends: `:` for iptables and ufw, `-` for nft
 * @returns undefined for anything else: an unknown name, a range with one end, or a number with a leading zero, which these
 * programs read as octal
 */
export function parseSpan(text: string, between: ':' | '-' = ':'): Span | undefined {
  const whole = portOf(text);
  if (whole !== undefined) return [whole, whole];
  const [first = '', last = '', ...more] = text.split(between);
  const [from, to] = [portOf(first), portOf(last)];
  return from === undefined || to === undefined || from >= to || more.length > 0 ? undefined : [from, to];
}

/** Reads several of them with commas between; undefined when one is invalid. */
export function parseSpans(text: string, between: ':' | '-' = ':'): readonly Span[] | undefined {
  const spans = text.split(',').map((each) => parseSpan(each.trim(), between));
  return spans.every((span) => span !== undefined) ? spans : undefined;
}

/** The ports of some protocols. */
export function rangesOf(spans: readonly Span[], protocols: readonly Protocol[]): PortRange[] {
  return protocols.flatMap((protocol) => spans.map(([first, last]) => ({ protocol, first, last })));
}

function portOf(text: string): number | undefined {
  if (!/^[0-9]+$/.test(text)) return serviceOf(text)?.port;
  const port = /^(0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : 65_536;
  return port <= 65_535 ? port : undefined;
}
