/** Reasons why a document is refused, or why an alarm is raised. Stable, for programs; docs/fleet.md explains each. */
export const FLEET_CODES = [
  'document-invalid',
  'document-too-long',
  'org-other',
  'hash-differs',
  'quorum-missing',
  'root-missing',
  'root-forked',
  'root-expired',
  'head-forked',
  'head-rolled-back',
  'head-of-other-root',
  'head-expired',
  'head-after-root',
  'head-not-of-policy',
  'list-without-gate',
  'gate-missing',
  'gate-other',
  'gate-revoked',
  'team-missing',
  'device-left-out',
  'device-expired',
  'rev-refused',
  'rev-gap',
  'rev-forked',
  'rev-waits',
  'rev-of-break-glass',
  'rev-of-signer',
] as const;

export type FleetCode = (typeof FLEET_CODES)[number];

/** Something about the documents of a fleet that the owner should know. */
export interface Alarm {
  readonly code: FleetCode;
  /** Name of the document, such as `head/7`. */
  readonly document: string;
  readonly why: string;
}

/** A document is refused. */
export class FleetFault extends Error {
  readonly alarm: Alarm;

  constructor(code: FleetCode, document: string, why: string) {
    super(`${document}: ${why}`);
    this.name = 'FleetFault';
    this.alarm = { code, document, why };
  }
}
