/** How many tags can be noted as used. */
interface Room {
  readonly spent: number;
}

/** Used tags are noted as the gate's table does it, or as it must not be done. */
export type SpendingRule = 'locked' | 'looked-up';

/** The rules that mark a tag as used, by kind. */
const SPEND: Readonly<Record<SpendingRule, string>> = {
  // The element's own bucket is locked: one packet of all that come at the same moment.
  locked: 'add @spent { @th,64,128 limit rate 1/day burst 1 packets } meta mark & 0x000000ff vmap { 1 : goto p_1 }',
  'looked-up': '@th,64,128 @spent goto ask; add @spent { @th,64,128 } goto p_1',
};

/** The rules of the design, as long as the gate does not render them itself. */
export function tableOf(rule: SpendingRule, { spent }: Room): string {
  return `add table inet knockgate
delete table inet knockgate
table inet knockgate {
  map tags    { typeof @th,64,128 : meta mark; flags timeout; size 524288; }
  set known4  { typeof meta mark . ip saddr; flags timeout; size 65536; }
  set alive_a { type inet_proto; flags timeout; }
  set spent   { typeof @th,64,128; flags dynamic,timeout; timeout 1200s; size ${spent}; }
  set heard   { typeof @th,64,128; flags dynamic,timeout; timeout 1200s; size 524288; }
  set open4_1 { typeof ip saddr; flags dynamic,timeout; timeout 4s; size 65536; }
  counter junk { }
  counter opened { }
  counter asked { }
  counter spentc { }
  chain p_1 {
    update @open4_1 { ip saddr timeout 4s }
    counter name opened log prefix "kg-open" group 5 snaplen 1400 queue-threshold 1 drop
  }
  chain ask {
    add @heard { @th,64,128 limit rate 1/day burst 3 packets } counter name asked log prefix "kg-ask" group 5 snaplen 1400 queue-threshold 1 drop
    counter name spentc drop
  }
  chain open {
    ${SPEND[rule].split('; ').join('\n    ')}
    goto ask
  }
  chain spa {
    udp length != 94-1240 counter name junk drop
    meta mark set 0
    meta mark set @th,64,128 map @tags
    meta mark 0 counter name junk drop
    meta mark . ip saddr @known4 goto open
    meta l4proto @alive_a goto ask
    goto open
  }
  chain knock { type filter hook prerouting priority raw; udp dport 62201 fib daddr type local jump spa; }
}
`;
}
