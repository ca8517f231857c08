import type { CommandEntry } from '../entry.ts';
import { GATE_LINE, HOST, IDENTITY, PSK_FILE } from './options.ts';

/* The commands that knock. They are loaded for every connection: keep this file small. */

const NOT_UNKNOWN = 'not when open is null';

export const KNOCK: CommandEntry = {
  name: 'knock',
  summary: 'Knock at a host, and wait until its port is open',
  about: [
    'Knocks, waits until the TCP port answers, and says how long it took. When a port is open from an earlier knock with more than five seconds left, it is not knocked again.',
  ],
  arguments: [HOST],
  options: [
    {
      name: 'port',
      value: 'PORT,…',
      about: 'ask for these ports only, ranges too: 22, tcp/8000-8010, udp/60000; a number alone is one of TCP',
      usual: "the host's ports, else whatever the gate allows, and wait for the host's sshPort, else tcp/22",
    },
    {
      name: 'action',
      value: 'NAME',
      about:
        "run the gate's action of that name, and open nothing but what --port says; whether it ran is unknown here",
    },
    GATE_LINE,
    IDENTITY,
    PSK_FILE,
    { name: 'force', about: 'knock even when the port should be open' },
    { name: 'timeout', value: 'SECONDS', about: 'how long to wait', usual: '10' },
  ],
  json: [
    { path: 'host', type: 'string', about: 'HOST as it was given' },
    {
      path: 'open',
      type: 'true | null',
      about: 'true once the port answered; null when nothing shows whether it opened',
    },
    { path: 'address', type: 'string', about: 'where it opened', when: NOT_UNKNOWN },
    { path: 'port', type: 'string', about: 'such as tcp/22', when: NOT_UNKNOWN },
    {
      path: 'afterMs',
      type: 'number',
      about: 'milliseconds from the knock to the open port',
      when: NOT_UNKNOWN,
    },
    { path: 'knocks', type: 'number', about: 'how many packets were sent; 0 when the port was still open' },
    {
      path: 'sourceClaimed',
      type: 'boolean',
      about: 'whether the knock named the address that it came from',
      when: NOT_UNKNOWN,
    },
    { path: 'addresses[]', type: 'string', about: 'where the packets went', when: 'only when open is null' },
  ],
  examples: [
    { line: 'knockgate knock prod && ssh prod', about: 'Knock, then log in.' },
    {
      line: 'knockgate knock prod --port 22,udp/60000-60010 --force',
      about: 'Open the ports of mosh too, even when ssh is open.',
    },
    { line: 'knockgate knock prod --json --timeout 20', about: 'For a program, with more patience.' },
    { line: 'knockgate knock prod --action wake', about: 'Run an action of the gate.' },
    {
      line: "knockgate knock 203.0.113.7 --gate 'knockgate1 gate …' --identity key --psk-file psk",
      about: 'Knock at a gate that hosts.toml does not know.',
    },
  ],
};

export const CONNECT: CommandEntry = {
  name: 'connect',
  summary: 'Knock, and carry the connection over stdin and stdout, for ssh',
  about: [
    'Knocks, and carries the very connection that got through over standard input and output. It prints nothing unless something goes wrong.',
    '`knockgate ssh-config HOST` prints the entry for ~/.ssh/config with whole paths, which the ssh of an editor needs.',
  ],
  arguments: [HOST, { name: 'PORT', about: 'the port of ssh: %p in ~/.ssh/config' }],
  options: [GATE_LINE, IDENTITY, PSK_FILE],
  examples: [
    { line: "ssh -o ProxyCommand='knockgate connect prod %p' prod", about: 'Log in with a knock, this once.' },
    {
      line: 'ssh -o ProxyCommand="knockgate connect 203.0.113.7 %p --gate \'knockgate1 gate …\' --identity key --psk-file psk" prod',
      about: 'The same at a gate that hosts.toml does not know.',
    },
  ],
};
