import type { ProgramEntry } from '../entry.ts';
import { ACTIVITY, EVENTS } from './happenings.ts';
import { ADD, IMPORT_FWKNOPRC, IMPORT_KNOCKD, LINK, LIST, REMOVE, RENAME, SSH_CONFIG } from './hosts.ts';
import { IMPORT_KEY, KEYGEN, PUBKEY, RECOVER } from './keys.ts';
import { CONNECT, KNOCK } from './knocking.ts';
import { DIAGNOSE, STATUS } from './looking.ts';
import { COMPLETION } from './program-commands.ts';
import { DEPLOY, GATE, UNDEPLOY, UPGRADE } from './servers.ts';

/** The command line of people and of ssh. */
export const CLIENT: ProgramEntry = {
  name: 'knockgate',
  summary: 'Opens a hidden port for you alone, just before you connect.',
  groups: [
    { title: 'Connect', commands: [KNOCK, CONNECT, STATUS, DIAGNOSE, RECOVER] },
    { title: 'Servers', commands: [DEPLOY, UPGRADE, UNDEPLOY, GATE, ACTIVITY, EVENTS] },
    { title: 'Hosts', commands: [LIST, ADD, REMOVE, RENAME, SSH_CONFIG, LINK, IMPORT_FWKNOPRC, IMPORT_KNOCKD] },
    { title: "This device's key", commands: [KEYGEN, PUBKEY, IMPORT_KEY] },
    { title: 'This program', commands: [COMPLETION] },
  ],
  options: [],
  notes: [
    'Files: ~/.config/knockgate, on Windows %APPDATA%\\knockgate',
    'To set up a server that you can ssh into: knockgate deploy HOST\nTo use a gate that somebody else has set up: knockgate keygen',
  ],
};
