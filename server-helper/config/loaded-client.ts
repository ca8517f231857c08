import type { KnownClient } from '../verify/known-client.ts';
import type { ConfiguredClient } from './client-config.ts';

/** A client with its derived keys, and the key of its one-time sequences if it may use them. */
export interface LoadedClient extends KnownClient {
  readonly policy: ConfiguredClient;
  readonly sequenceKey: Uint8Array | undefined;
}
