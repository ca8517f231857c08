/*
 * Access rights of a file, as Windows writes them down: the security descriptor definition language (Microsoft, "[MS-DTYP] 2.5.1").
 * Windows prints what is the same for every language and every computer in two letters: `SY` for the system, `BU` for all users.
 */

/** Accounts that can open every file anyway: the system and the administrators. */
const ALWAYS = ['SY', 'BA', 'S-1-5-18', 'S-1-5-32-544'];

/** Common names of accounts with many members. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['AU', 'Authenticated Users'],
  ['BG', 'Guests'],
  ['BU', 'Users'],
  ['IU', 'Interactive'],
  ['WD', 'Everyone'],
]);

/**
 * Says who can open a file beside its user, the system and the administrators.
 * @param sddl a descriptor with its access list, such as `D:PAI(A;;FA;;;SY)`
 * @param ownSid the user's own security identifier, such as `S-1-5-21-1-2-3-1001`
 * @returns names where they are known, else identifiers; undefined when the text cannot be read
 */
export function othersWithAccess(sddl: string, ownSid: string): readonly string[] | undefined {
  const [, flags, list] = /^D:([A-Z_]*)((?:\([^()]*\))*)(?:S:.*)?$/.exec(sddl) ?? [];
  if (flags === undefined || list === undefined) return undefined;
  // A missing list is not an empty one: it lets everybody in.
  if (flags.includes('NO_ACCESS_CONTROL')) return ['Everyone'];
  const own = [ownSid, ...abbreviations(ownSid)];
  const others = new Set<string>();
  for (const [, entry = ''] of list.matchAll(/\(([^()]*)\)/g)) {
    const [type = '', inheritance = '', , , , account] = entry.split(';');
    if (account === undefined || !/^(?:[A-Z]{2}|S-1(?:-\d+)+)$/.test(account)) return undefined;
    // An entry that denies keeps somebody out; one that is only inherited is not about this file.
    if (type === 'D' || flagsOf(inheritance).includes('IO')) continue;
    if (!ALWAYS.includes(account) && !own.includes(account)) others.add(NAMES.get(account) ?? account);
  }
  return [...others];
}

/** Splits flags of two letters each: `CIOI` is CI and OI, and contains no IO. */
function flagsOf(text: string): readonly string[] {
  return text.match(/../g) ?? [];
}

/** Abbreviations of accounts that a person or a service may be logged in with. */
function abbreviations(sid: string): string[] {
  if (/^S-1-5-21-.*-500$/.test(sid)) return ['LA'];
  return { 'S-1-5-19': ['LS'], 'S-1-5-20': ['NS'] }[sid] ?? [];
}
