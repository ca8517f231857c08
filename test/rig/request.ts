import { parseAddress } from '../../src/base/addresses.ts';
import type { AccessRequest } from '../../src/spa/payload.ts';
import { TARGET4 } from './netns.ts';

/** Request for everything that the gate allows, sent now to an address; default: that of the target. */
export function requestTo(address = TARGET4, other: Partial<AccessRequest> = {}): AccessRequest {
  const destination = parseAddress(address);
  if (destination === undefined) throw new Error(`${address} is not an address`);
  return {
    timestamp: Date.now(),
    source: undefined,
    destination,
    duration: 0,
    ports: [],
    action: '',
    earlier: [],
    ...other,
  };
}
