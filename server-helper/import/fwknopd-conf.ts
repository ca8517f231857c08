import type { Note } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import { type Directive, directivesOf, NOT_UNDERSTOOD, numberWithin } from './fwknop-lines.ts';

/** Settings of `[gate]` that fwknopd.conf has. */
export interface FwknopdSettings {
  readonly port: number;
  /** Seconds. */
  readonly tolerance: number;
  /** Absolute path of GnuPG's folder, for stanzas that name none. */
  readonly gpgHome: string;
  /** Line that makes each grant count for one address of this host only; undefined: grants count for all. */
  readonly destinationLine: number | undefined;
}

/** Defaults of fwknopd. */
const USUAL = {
  PCAP_FILTER: 62_201,
  UDPSERV_PORT: 62_201,
  MAX_SPA_PACKET_AGE: 120,
  GPG_HOME_DIR: '/root/.gnupg',
} as const;

/** Settings that make fwknopd do more or less than a gate, with the reason why they have no counterpart. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENABLE_SPA_PACKET_AGING', 'the age of a packet always counts'],
  ['ENABLE_DIGEST_PERSISTENCE', 'packets that came are always remembered, over restarts too'],
  ['ENABLE_SPA_OVER_HTTP', 'packets are heard over UDP only'],
  ['ENABLE_TCP_SERVER', 'packets are heard over UDP only'],
  ['ENABLE_X_FORWARDED_FOR', 'a header that anybody can write says nothing'],
  ['ENABLE_IPT_OUTPUT', 'what leaves this host is not the gate’s'],
]);

const OTHERS = new Set(
  `CONFIG_FILE OVERRIDE_CONFIG PCAP_INTF PCAP_FILE ENABLE_PCAP_PROMISC PCAP_DISPATCH_COUNT PCAP_LOOP_SLEEP
  ENABLE_PCAP_ANY_DIRECTION EXIT_AT_INTF_DOWN MAX_SNIFF_BYTES RULES_CHECK_THRESHOLD CMD_EXEC_TIMEOUT ALLOW_ANY_USER_AGENT
  TCPSERV_PORT UDPSERV_SELECT_TIMEOUT ENABLE_NFQ_CAPTURE NFQ_INTERFACE NFQ_PORT NFQ_TABLE NFQ_CHAIN NFQ_QUEUE_NUMBER
  NFQ_LOOP_SLEEP LOCALE SYSLOG_IDENTITY SYSLOG_FACILITY VERBOSE ENABLE_RULE_PREPEND ENABLE_NAT_DNS SNAT_TRANSLATE_IP
  PF_ANCHOR_NAME PF_EXPIRE_INTERVAL FWKNOP_RUN_DIR FWKNOP_CONF_DIR ACCESS_FILE ACCESS_FOLDER FWKNOP_PID_FILE DIGEST_FILE
  DIGEST_DB_FILE GPG_EXE SUDO_EXE FIREWALL_EXE AFL_PKT_FILE FAULT_INJECTION_TAG`.split(/\s+/),
);
/** Prefixes of settings for one kind of firewall. */
const FIREWALL = /^(ENABLE_|FLUSH_)?(IPT|FIREWD|IPFW)_[A-Z_]+$/;

/** Reads a fwknopd.conf; without one, gives fwknopd's defaults. */
export function readFwknopd(text: string, note: Note): FwknopdSettings {
  const settings = new Map<string, Directive>();
  for (const directive of directivesOf(text, note)) if (directive.value !== '') settings.set(directive.name, directive);
  for (const directive of settings.values()) noteOthers(directive, note);
  const age = settings.get('MAX_SPA_PACKET_AGE');
  const home = settings.get('GPG_HOME_DIR');
  const destination = settings.get('ENABLE_DESTINATION_RULE');
  const isUsable = home === undefined || home.value.startsWith('/');
  if (!isUsable) note(home.line, phrase('GPG_HOME_DIR is not an absolute path: {0} is taken', USUAL.GPG_HOME_DIR));
  return {
    gpgHome: isUsable && home !== undefined ? home.value : USUAL.GPG_HOME_DIR,
    port: portOf(settings, note),
    destinationLine: saysYes(destination) ? destination?.line : undefined,
    tolerance: age === undefined ? USUAL.MAX_SPA_PACKET_AGE : numberWithin(age, 5, 600, note),
  };
}

function portOf(settings: ReadonlyMap<string, Directive>, note: Note): number {
  const server = settings.get('UDPSERV_PORT');
  if (saysYes(settings.get('ENABLE_UDP_SERVER')))
    return server === undefined ? USUAL.UDPSERV_PORT : numberWithin(server, 1, 65_535, note);
  if (server !== undefined)
    note(server.line, phrase('UDPSERV_PORT counts only with ENABLE_UDP_SERVER Y, and is left out'));
  const filter = settings.get('PCAP_FILTER');
  if (filter === undefined) return USUAL.PCAP_FILTER;
  const [, digits] = /^"?(?:udp )?(?:dst )?port ([1-9][0-9]{0,4})"?$/.exec(filter.value) ?? [];
  if (digits === undefined || Number(digits) > 65_535) {
    note(filter.line, phrase('the port that PCAP_FILTER means is unknown: fwknop_port is {0}', USUAL.PCAP_FILTER));
    return USUAL.PCAP_FILTER;
  }
  return Number(digits);
}

/** Decides by the first letter, as fwknopd does. */
function saysYes(directive: Directive | undefined): boolean {
  return directive?.value.toUpperCase().startsWith('Y') ?? false;
}

const CARRIED = new Set([
  'MAX_SPA_PACKET_AGE',
  'PCAP_FILTER',
  'ENABLE_UDP_SERVER',
  'UDPSERV_PORT',
  'GPG_HOME_DIR',
  'ENABLE_DESTINATION_RULE',
]);

function noteOthers({ name, line }: Directive, note: Note): void {
  if (CARRIED.has(name)) return;
  const reason = REASONS.get(name);
  if (reason !== undefined) note(line, phrase('{0} is left out: {1}', name, reason));
  else if (OTHERS.has(name) || FIREWALL.test(name)) note(line, phrase('{0} is fwknopd’s own, and is left out', name));
  else note(line, NOT_UNDERSTOOD);
}
