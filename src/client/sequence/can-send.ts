import { type Phrase, phrase } from '../../base/phrase.ts';
import { formatStep, type SequenceStep } from '../../sequence/step.ts';
import { longestPing } from '../network/ping.ts';

/** Bytes of a SYN of Linux, with its options. Other systems and other settings of the kernel send others. */
const LINUX_SYN = 40;
/** Longest datagram of macOS and BSD, unless root has set another (`net.inet.udp.maxdgram`). */
const BSD_DATAGRAM = 9216;

/** Reason why this system cannot send a step; undefined when it can. A program without root decides little about its packets. */
export function faultOfSending(step: SequenceStep, platform: NodeJS.Platform): Phrase | undefined {
  const { protocol, length } = step;
  if (length === undefined) return undefined;
  const isBsd = platform !== 'linux' && platform !== 'win32';
  if (protocol === 'tcp')
    return platform === 'linux' && length.first <= LINUX_SYN && LINUX_SYN <= length.last
      ? undefined
      : phrase('{0}: the system decides how long a SYN is, on Linux {1} bytes.', formatStep(step), LINUX_SYN);
  if (protocol === 'icmp' && length.first > longestPing(platform))
    return phrase('{0}: the ping of this system sends {1} bytes at most.', formatStep(step), longestPing(platform));
  if (protocol === 'udp' && isBsd && length.first > BSD_DATAGRAM)
    return phrase('{0}: this system sends datagrams of {1} bytes at most.', formatStep(step), BSD_DATAGRAM);
  return undefined;
}
