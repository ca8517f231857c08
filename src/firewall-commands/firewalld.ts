import type { PortRange } from '../base/ports.ts';
import { parseSpan, rangesOf } from './port-list.ts';
import { ALL_PORTS, type Effect, KNOCKER, type Rule, refused } from './rule.ts';
import { firewalldPorts } from './services.ts';

/** The zone of packets on a system whose zones nobody has changed: `public`, which a command without a zone means too. */
const USUAL_ZONES = new Set(['', 'public']);
const UNIT_SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** Options that may have a `--timeout`. */
const TIMED = new Set(['--add-port', '--add-service', '--add-rich-rule']);

/** Thrown while a command is read. The caller gets the text as a refusal. */
class Refused extends Error {}

/** Reads the arguments of firewall-cmd: `--add-rich-rule='rule family="ipv4" source address="%IP%" port port="22" protocol="tcp" accept'`. */
export function parseFirewalld(argv: readonly string[]): Effect[] {
  try {
    // A direct rule does not decide: packets that it accepts must still pass the rules of the zones, which firewalld has in
    // nftables.
    if (argv.includes('--direct')) throw new Refused('a direct rule of firewalld lets nobody in by itself');
    return effectsOf(optionsOf(argv));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [refused(error.message)];
  }
}

interface Option {
  readonly name: string;
  readonly value: string;
}

/** Reads `--name=value`, `--name value`, and `--name` for options without a value. */
function optionsOf(argv: readonly string[]): Option[] {
  const options: Option[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const [, name, value] = /^(--[a-z-]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (word === '-q') continue;
    if (name === undefined) throw new Refused(`firewall-cmd’s “${word}” is not understood`);
    if (['--permanent', '--quiet', '--reload'].includes(name)) {
      if (value !== undefined) throw new Refused(`${name} has no value`);
      options.push({ name, value: '' });
      continue;
    }
    if (value === undefined) at += 1;
    const given = value ?? argv[at];
    if (given === undefined) throw new Refused(`${name} has no value`);
    options.push({ name, value: given });
  }
  return options.filter(({ name }) => name !== '--quiet');
}

function effectsOf(options: readonly Option[]): Effect[] {
  const [only] = options;
  if (only?.name === '--reload' && options.length === 1) return [{ does: 'reload' }];
  const settings = new Map<string, string>();
  const rules: Option[] = [];
  for (const option of options) {
    const isSetting = ['--permanent', '--zone', '--timeout'].includes(option.name);
    if (isSetting && settings.has(option.name)) throw new Refused(`${option.name} occurs twice`);
    if (isSetting) settings.set(option.name, option.value);
    else rules.push(option);
  }
  const zone = settings.get('--zone') ?? '';
  const atReload = settings.has('--permanent');
  const seconds = secondsOf(settings.get('--timeout'));
  if (rules.length === 0) throw new Refused('it neither adds nor takes away anything');
  if (new Set(rules.map(({ name }) => name)).size > 1)
    throw new Refused('firewall-cmd does one kind of thing at a time, and ignores the rest');
  if (seconds !== undefined && atReload) throw new Refused('firewall-cmd refuses --timeout beside --permanent');
  if (seconds !== undefined && rules.some(({ name }) => !TIMED.has(name)))
    throw new Refused(`firewall-cmd refuses --timeout beside ${rules[0]?.name}`);
  return rules.map(({ name, value }): Effect => {
    const [, verb, kind] = /^--(add|remove)-([a-z-]+)$/.exec(name) ?? [];
    if (verb === undefined || kind === undefined) throw new Refused(`firewall-cmd’s ${name} is not understood`);
    const found = ruleOf(kind, value, zone);
    const rule = kind === 'source' || USUAL_ZONES.has(zone) ? found : withCondition(found, `zone ${zone}`);
    if (verb === 'remove') return { does: 'remove', rule };
    return { does: 'allow', rule, atReload, ...(seconds === undefined ? {} : { seconds }) };
  });
}

function withCondition(rule: Rule, condition: string): Rule {
  return { ...rule, conditions: [...rule.conditions, condition] };
}

/** Reads `30`, `30s`, `5m` or `1h` as seconds. 0 means without end. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ''] = /^([0-9]{1,6})([smh]?)$/.exec(text) ?? [];
  const scale = UNIT_SECONDS[unit];
  if (digits === undefined || scale === undefined) throw new Refused(`its timeout “${text}” is not understood`);
  return Number(digits) === 0 ? undefined : Number(digits) * scale;
}

function ruleOf(kind: string, value: string, zone: string): Rule {
  const forAnybody = (ports: readonly PortRange[]): Rule => {
    return { family: undefined, source: 'anybody', ports, conditions: [] };
  };
  if (kind === 'port') return forAnybody(portsOf(value));
  if (kind === 'service') return forAnybody(servicePorts(value));
  if (kind === 'rich-rule') return richRule(value);
  if (kind !== 'source') throw new Refused(`firewall-cmd’s --add-${kind} is not understood`);
  if (value !== KNOCKER) throw new Refused(`it lets in ${value}, not who has knocked`);
  if (zone !== 'trusted') throw new Refused(`what its zone ${zone} lets in is not in the command`);
  return { family: undefined, source: 'knocker', ports: ALL_PORTS, conditions: [] };
}

function servicePorts(name: string): readonly PortRange[] {
  const ports = firewalldPorts(name);
  if (ports === undefined) throw new Refused(`the service ${name} is not known here: see firewall-cmd --info-service`);
  return ports;
}

/** Reads `22/tcp` or `60000-60010/udp`. */
function portsOf(text: string): PortRange[] {
  const [port = '', protocol, ...more] = text.split('/');
  const span = parseSpan(port, '-');
  if (more.length > 0 || (protocol !== 'tcp' && protocol !== 'udp') || span === undefined)
    throw new Refused(`“${text}” is not a port of TCP or UDP such as 22/tcp`);
  return rangesOf([span], [protocol]);
}

/** Attributes of the parts of a rich rule. */
const PARTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['rule', ['family', 'priority']],
  ['source', ['address']],
  ['destination', ['address']],
  ['service', ['name']],
  ['port', ['port', 'protocol']],
  ['log', ['prefix', 'level']],
  ['limit', ['value']],
  ['accept', []],
]);

const LOG_LEVELS = new Set('emerg alert crit error warning notice info debug'.split(' '));

function richRule(text: string): Rule {
  const parts = richParts(text);
  const attribute = (part: string, name: string) => parts.get(part)?.get(name);
  if (!parts.has('accept')) throw new Refused('it does not accept anything');
  const family = attribute('rule', 'family');
  if (family !== undefined && family !== 'ipv4' && family !== 'ipv6')
    throw new Refused(`its family ${family} is not understood`);
  const priority = attribute('rule', 'priority') ?? '0';
  if (!/^-?[0-9]{1,5}$/.test(priority) || Number(priority) < -32_768 || Number(priority) > 32_767)
    throw new Refused(`its priority ${priority} is not a number from -32768 to 32767`);
  const source = attribute('source', 'address');
  if (parts.has('source') && source === undefined) throw new Refused('its source is not an address');
  if (source !== undefined && family === undefined) throw new Refused('firewalld wants a family beside an address');
  if (source !== undefined && !isKnocker(source, family === 'ipv4' ? 32 : 128))
    throw new Refused(`it lets in ${source}, not who has knocked`);
  if (parts.has('port') && parts.has('service')) throw new Refused('it names a port and a service');
  const service = attribute('service', 'name');
  if (parts.has('service') && service === undefined) throw new Refused('its service has no name');
  const level = attribute('log', 'level');
  if (level !== undefined && !LOG_LEVELS.has(level)) throw new Refused(`its log level ${level} is not understood`);
  if ((attribute('log', 'prefix')?.length ?? 0) > 127) throw new Refused('the prefix of its log is too long');
  if (!['source', 'destination', 'service', 'port'].some((part) => parts.has(part)))
    throw new Refused('it names neither a source nor a port');
  const port = parts.has('port') ? portsOf(`${attribute('port', 'port')}/${attribute('port', 'protocol')}`) : undefined;
  const destination = attribute('destination', 'address');
  if (parts.has('destination') && (destination === undefined || family === undefined))
    throw new Refused('its destination is not an address with a family');
  const limit = attribute('limit', 'value');
  if (parts.has('limit') && limit === undefined) throw new Refused('its limit has no value');
  return {
    family,
    source: source === undefined ? 'anybody' : 'knocker',
    ports: service === undefined ? (port ?? ALL_PORTS) : servicePorts(service),
    conditions: [
      ...(parts.has('destination') ? [`destination ${destination}`] : []),
      ...(parts.has('limit') ? [`limit ${limit}`] : []),
    ],
  };
}

/** Whether a text is `%IP%`, or a network around it. */
function isKnocker(text: string, longest: number): boolean {
  const [host, length = String(longest), ...more] = text.split('/');
  return host === KNOCKER && /^[1-9][0-9]{0,2}$/.test(length) && Number(length) <= longest && more.length === 0;
}

/** Splits a rich rule into its parts, each with its attributes. `port` is the name of a part and of an attribute. */
function richParts(text: string): Map<string, Map<string, string>> {
  const parts = new Map<string, Map<string, string>>();
  let part = '';
  const pattern = /\s*([A-Za-z-]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?(?=\s|$)/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const [, word = '', ...values] = pattern.exec(text) ?? [];
    const value = values.find((each) => each !== undefined);
    if (value === undefined) {
      if (!PARTS.has(word) || parts.has(word)) throw new Refused(`the rich rule’s “${word}” is not understood`);
      part = word;
      parts.set(word, new Map());
    } else {
      const attributes = parts.get(part);
      if (attributes === undefined || attributes.has(word) || !PARTS.get(part)?.includes(word))
        throw new Refused(`the rich rule’s “${word}” is not understood`);
      attributes.set(word, value);
    }
  }
  if ([...parts.keys()][0] !== 'rule') throw new Refused('it is not a rich rule');
  return parts;
}
