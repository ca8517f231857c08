import { portOfCommand } from '../../src/sequence/knockd-conf.ts';
import type { RequestedPort } from '../../src/spa/payload.ts';

/** What a firewall's command opens to whoever has knocked: a port, whatever there is, or why that cannot be told. */
export type Opening = { readonly port: RequestedPort } | { readonly all: true } | { readonly why: string };

/** Targets of iptables, and words of other firewalls, that let nobody in, or lead somewhere else. */
const OTHER_TARGET = /(?:^|\s)(?:-j|--jump|-g|--goto)[\s=]+(?!ACCEPT\b)\S/;
const SHUTS = /\b(?:drop|reject|deny|block|remove|delete)\b/i;
/** A source that is not the one who knocked; `!` turns a condition round. */
const OTHER_SOURCE = /(?:^|\s)(?:-s|--src|--source|saddr|from)[\s=]+(?!\{?\s*%IP%)\S|!/;
/** Of iptables and nft, without a word of ports. */
const ALL = /^(?!.*(?:port|service))\S*\b(?:ip6?tables\b.*\s(?:-j|--jump)\s+ACCEPT|nft\b.*\saccept)\b/;

/** Reads what a door of knockd opens. Where that is uncertain nothing is: a gate hides more ports than one. */
export function openingOfCommand(command: string): Opening {
  if (command === '') return { why: 'it has no command, and opened nothing' };
  if (OTHER_TARGET.test(command) || SHUTS.test(command)) return { why: 'its command does something else than let in' };
  if (OTHER_SOURCE.test(command)) return { why: 'its command is not about who has knocked (%IP%) alone' };
  const port = portOfCommand(command);
  if (port !== undefined) return { port };
  return ALL.test(command) ? { all: true } : { why: 'what it opens cannot be told from its command' };
}
