import { joined, phrase } from '../../base/phrase.ts';
import { USUAL_TIMEOUT_MS } from '../gate/knock-and-wait.ts';
import { type AnyHost, kindOf } from '../hosts/kinds.ts';
import { provingPort } from '../hosts/proving-port.ts';
import type { DiagnosisWords, Open, Opened } from '../hosts/server-kind.ts';
import { findAddresses } from '../network/find-addresses.ts';
import type { Through } from '../network/wait.ts';
import { noRoute } from '../problems.ts';
import { type Diagnosis, type Step, utc, type Verdict } from './diagnosis.ts';
import { lookBefore } from './look-before.ts';
import { commandOnly, noGreeting, openWithoutKnock, otherWell, udpOnly } from './verdicts.ts';
import { type DiagnoseIo, Walk } from './walk.ts';
import { findWays, type Way, withFamily } from './way.ts';

/** Host of which only an open port can be seen. */
export interface OpenableSubject {
  readonly host: AnyHost;
  /** Port of ssh; undefined when it is unknown. */
  readonly sshPort: number | undefined;
  readonly words: DiagnosisWords;
  /** Finds the keys. Rejects with a Problem when there are none. */
  readonly prepare: () => Promise<Open>;
}

/**
 * Diagnoses a knock that is not our own message, and names the step that fails. The server's reaction shows only in the port that
 * opens.
 * @param tell called for each step as it is done
 * @throws Problem `cancelled`
 */
export async function diagnoseByOpening(
  subject: OpenableSubject,
  io: DiagnoseIo,
  signal: AbortSignal,
  tell: (step: Step) => void,
): Promise<Diagnosis> {
  return new OpenableWalk(subject, io, signal, tell).diagnosis();
}

class OpenableWalk extends Walk<OpenableSubject> {
  protected override names(): readonly string[] {
    const { host } = this.subject;
    return [host.name, ...kindOf(host).addressesOf(host)];
  }

  protected override async go(): Promise<Verdict> {
    const { host, sshPort, words } = this.subject;
    const reached = await this.findWays(await this.findName());
    const open = await this.noted('Key', this.subject.prepare());
    this.notes.add('Key', 'ok', words.keys);
    const now = phrase('It is {0} here.', utc(this.io.clock.wallMs()));
    this.notes.add('Clock', 'unknown', joined([now, words.clock], ' '));
    if (words.runsCommand === true) return commandOnly(host.name);
    const probePort = provingPort(host.ports, sshPort);
    if (probePort === undefined) return udpOnly(host.name);
    const before = await lookBefore({ probePort }, reached, this.io, this.signal);
    this.stopIfAborted();
    this.notes.add('Before any knock', before.result, before.finding);
    if (before.through !== undefined) return this.openBefore(before.through);
    const startedMs = this.io.clock.wallMs();
    const opened = await this.noted(
      'After a knock',
      open({ sshPort, force: true, timeoutMs: USUAL_TIMEOUT_MS }, this.signal),
    );
    return this.opened(opened, startedMs);
  }

  private async findName(): Promise<string[]> {
    const { host } = this.subject;
    const found = await this.noted(
      'Name',
      findAddresses(host.name, kindOf(host).addressesOf(host), this.io, this.signal),
    );
    this.noteName(found);
    return found;
  }

  private async findWays(addresses: readonly string[]): Promise<(Way & { readonly ok: true })[]> {
    const { host, words: said } = this.subject;
    const ways = await findWays({ addresses, knockPorts: [said.knockPort], claimSource: false }, this.io.openRoute);
    const reached = ways.filter((way) => way.ok);
    for (const way of reached) this.addresses.add(way.localAddress);
    const words = ways.map((way) =>
      way.ok
        ? phrase('{0}: from {1}.', withFamily(way.address), way.localAddress)
        : phrase('{0}: no way there ({1}).', withFamily(way.address), way.code),
    );
    this.notes.add('Route', reached.length > 0 ? 'ok' : 'not ok', joined(words, ' '));
    const codes = ways.flatMap((way) => (way.ok ? [] : [way.code]));
    if (reached.length === 0) throw noRoute(host.name, addresses, codes);
    return reached;
  }

  private async openBefore(through: Through): Promise<Verdict> {
    const { host } = this.subject;
    return (await this.greet(through)) ? openWithoutKnock(host.name) : noGreeting(host.name, through.port);
  }

  private async opened({ result, untilMs }: Opened, startedMs: number): Promise<Verdict> {
    const { host } = this.subject;
    if (result.kind === 'sent') return udpOnly(host.name);
    const { address, port, afterMs, knocks, sourceClaimed } = result;
    this.notes.add('After a knock', 'ok', phrase('{0} opened after {1} ms.', withFamily(address), Math.round(afterMs)));
    this.notes.add('Clock', 'ok', this.subject.words.opened);
    this.wasOpened = { address, port, afterMs, knocks, sourceClaimed, untilMs };
    const letIn = phrase(
      'New connections are let in for about {0} s from the knock on.',
      Math.round((untilMs - startedMs) / 1000),
    );
    this.notes.add('Grant', 'ok', letIn);
    return (await this.greet(result)) ? otherWell(host.name) : noGreeting(host.name, port);
  }
}
