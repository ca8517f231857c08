import type { ConfiguredClient } from './client-config.ts';
import type { GateSettings } from './gate-settings.ts';

/** Part of a configuration that clients of documents are added to. */
export interface OwnClients {
  readonly gate: GateSettings;
  readonly clients: readonly ConfiguredClient[];
}

/** Clients beside those of gate.toml: those that documents of a fleet name. */
export interface FleetSource {
  /** Alarms for the owner, a line each. */
  readonly alarms: readonly string[];
  /** The configuration with them as well. Never throws: then those of gate.toml get in. */
  withClients<C extends OwnClients>(config: C): C;
  /** Whether hours begin or end, and a reload is due. */
  takeDue(): boolean;
}
