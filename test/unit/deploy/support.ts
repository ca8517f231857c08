import type { SshSettings } from '../../../src/deploy/connection/settings.ts';
import type { DeployOptions } from '../../../src/deploy/deploy-options.ts';
import type { GateFiles } from '../../../src/deploy/installed-files.ts';
import { PACKAGE_MANAGERS } from '../../../src/deploy/packages.ts';
import type { Facts } from '../../../src/deploy/preflight/facts.ts';

/** A server with everything that a gate needs, and none yet. */
export const READY: Facts = {
  hostName: 'target',
  bootId: 'id',
  system: 'Debian GNU/Linux 12 (bookworm)',
  init: 'systemd',
  systemd: true,
  nft: '1.0.6',
  tableRefused: '',
  savedRefused: '',
  savedTables: [],
  firewalls: [],
  manager: PACKAGE_MANAGERS[0],
  candidates: new Map([
    ['nftables', '1.0.6-2'],
    ['tcpdump', '4.99.3-1'],
    ['nodejs', '18.20.4+dfsg-1'],
  ]),
  packaged: false,
  tcpdump: true,
  node: { path: '/usr/bin/node', version: '18.20.4' },
  editorNodes: [],
  exposedNodes: [],
  sshPorts: [22],
  penalties: false,
  routedAddresses: [],
  otherRules: [],
  knockPortListeners: [],
  files: new Map(),
  config: undefined,
  inForce: undefined,
  manifest: undefined,
  folders: [],
  hasUser: false,
  active: false,
  enabled: false,
  clients: new Map(),
  freeKilobytes: 1_000_000,
  sshConnection: { clientAddress: '192.0.2.1', serverAddress: '192.0.2.2', serverPort: 22 },
};

export const SETTINGS: SshSettings = {
  alias: 'prod',
  hostName: '192.0.2.2',
  port: 22,
  user: 'dev',
  identityFiles: [],
  certificateFiles: [],
  identitiesOnly: false,
  agent: undefined,
  proxyJump: undefined,
  proxyCommand: undefined,
  userKnownHostsFiles: [],
  globalKnownHostsFiles: [],
  hostKeyAlias: undefined,
  strictHostKeyChecking: 'ask',
  hashKnownHosts: false,
  all: new Map(),
};

export const OPTIONS: DeployOptions = {
  ports: ['tcp/22'],
  knockPorts: [443, 62201],
  trusted: [],
  trialSeconds: 180,
  withoutService: false,
  withoutPsk: false,
};

export const GATE_FILES: GateFiles = {
  version: '0.1.0',
  library: { 'knockgated.cjs': 'the daemon\n', 'knockgated-fwknop.cjs': 'fwknop\n' },
  systemd: {
    'knockgate.service': '[Service]\n[Install]\n',
    'knockgate.sysusers': 'u knockgate\n',
    'knockgate.tmpfiles': 'd /etc/knockgate\n',
    knockgated: '#!/bin/sh\n',
  },
  table: 'add table inet knockgate\n',
};

/** Pre-shared key of a device. */
export const PSK = new Uint8Array(32).fill(8);
