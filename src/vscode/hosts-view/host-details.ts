import { l10n } from 'vscode';
import { inWords } from '../../base/phrase.ts';
import { type AnyHost, kindOf } from '../../client/hosts/kinds.ts';
import { formatKey } from '../../spa/keys.ts';
import { identityOf } from '../keys/host-keys.ts';
import type { Answer } from '../knock/host-states.ts';
import { clockTime } from '../status/clock-time.ts';
import type { Detail } from './host-rows.ts';

/** Facts of a host that are not in its settings. */
export interface HostFacts {
  /** Last answer; undefined when there was none in this window. */
  readonly answer: Answer | undefined;
  readonly hasPsk: boolean;
  readonly hasKeys: boolean;
  /** Whether every ssh to it knocks first. */
  readonly hookIsOn: boolean;
}

/** Characters of a key that two people compare by eye. */
const SHORT_KEY = 12;

/** Lines below the row of a host. */
export function hostDetails(host: AnyHost, facts: HostFacts): Detail[] {
  return [whereDetail(host), lastKnockDetail(facts.answer), ...keyDetails(host, facts), hookDetail(facts.hookIsOn)];
}

function whereDetail(host: AnyHost): Detail {
  const places = kindOf(host).addressesOf(host).join(', ');
  return {
    icon: 'globe',
    label: l10n.t('Address'),
    value: places,
    tooltip: l10n.t('Knocks at {0} ({1}).', places, inWords(kindOf(host).how(host))),
  };
}

function lastKnockDetail(answer: Answer | undefined): Detail {
  const row = { icon: 'history', label: l10n.t('Last knock') };
  if (answer === undefined) return { ...row, value: l10n.t('none yet'), tooltip: l10n.t('None yet in this window.') };
  const { address, port, afterMs, knocks, atMs } = answer;
  const where = `${address} tcp/${port}`;
  const tooltip =
    knocks === 0
      ? l10n.t('{0} was open already.', where)
      : l10n.t('{0} opened after {1} ms.', where, Math.round(afterMs));
  return { ...row, value: clockTime(atMs), tooltip };
}

function keyDetails(host: AnyHost, { hasPsk, hasKeys }: HostFacts): Detail[] {
  if (host.kind !== 'gate') {
    if (!kindOf(host).sharesKeys(host)) return [];
    const value = hasKeys ? l10n.t('set') : l10n.t('missing');
    return [
      { icon: 'key', label: l10n.t('Keys'), value, tooltip: l10n.t('The keys that it shares with this device.') },
    ];
  }
  const identity = identityOf(host);
  const gateKey = formatKey(host.gate.key);
  const psk: Detail = {
    icon: 'lock',
    label: l10n.t('Pre-shared key'),
    value: l10n.t('set'),
    tooltip: l10n.t('A second secret between this device and the gate.'),
  };
  return [
    {
      icon: 'key',
      label: l10n.t('Identity'),
      value: identity,
      tooltip: l10n.t('This device knocks with the key of the identity {0}.', identity),
    },
    ...(hasPsk ? [psk] : []),
    {
      icon: 'shield',
      label: l10n.t('Gate’s key'),
      value: `${gateKey.slice(0, SHORT_KEY)}…`,
      tooltip: l10n.t('{0}: the same key is in the line that "sudo knockgated key" prints on the server.', gateKey),
    },
  ];
}

function hookDetail(isOn: boolean): Detail {
  return {
    icon: 'terminal',
    label: l10n.t('SSH hook'),
    value: isOn ? l10n.t('on') : l10n.t('off'),
    tooltip: isOn
      ? l10n.t('Every ssh to it knocks first, while this editor is open.')
      : l10n.t('Only windows of this editor knock. "Knockgate: Knock for Every SSH Connection…" changes that.'),
  };
}
