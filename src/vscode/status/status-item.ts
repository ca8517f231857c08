import { l10n, StatusBarAlignment, type StatusBarItem, window } from 'vscode';
import type { AnyHost } from '../../client/hosts/kinds.ts';
import type { HostBook } from '../hosts/host-book.ts';
import type { HostState, HostStates } from '../knock/host-states.ts';
import { lockText } from './status-text.ts';
import { lockTooltip } from './status-tooltip.ts';

/** Position behind the indicator of the remote window, which is the first. */
const PRIORITY = 100;
const COUNT_EVERY_MS = 1000;

export interface LockIo {
  readonly states: HostStates;
  readonly hosts: () => HostBook;
  /** Host of this window; undefined when it has none. */
  readonly windowHost: () => string | undefined;
  readonly wallMs: () => number;
}

/** Lock in the status bar: for the host of this window, or the one that was knocked at last. */
export class Lock {
  private readonly item: StatusBarItem;
  private readonly io: LockIo;
  private readonly subscription: { dispose(): void };
  private timer: NodeJS.Timeout | undefined;

  constructor(io: LockIo) {
    this.io = io;
    this.item = window.createStatusBarItem('knockgate.lock', StatusBarAlignment.Left, PRIORITY);
    this.item.name = l10n.t('Knockgate Lock');
    this.item.command = 'knockgate.showActions';
    this.subscription = io.states.onDidChange(() => this.refresh());
    this.refresh();
  }

  /** Shows the present state; shows nothing while there is no host with a gate. */
  refresh(): void {
    const host = this.host();
    const state = this.showText();
    const { states } = this.io;
    if (host !== undefined) this.item.tooltip = lockTooltip(host, state, states.lastAnswer(host.name));
    else this.item.tooltip = l10n.t('Knock at a host, and connect');
    if (this.io.hosts().hosts.size > 0) this.item.show();
    else this.item.hide();
    this.count(state.kind === 'open');
  }

  private host(): AnyHost | undefined {
    const name = this.io.windowHost() ?? this.io.states.lastKnocked;
    return name === undefined ? undefined : this.io.hosts().hosts.get(name);
  }

  private showText(): HostState {
    const name = this.host()?.name;
    const state = this.io.states.get(name ?? '');
    const { text, spoken } = lockText(name, state, this.io.wallMs());
    this.item.text = text;
    this.item.accessibilityInformation = { label: spoken, role: 'button' };
    return state;
  }

  /** Counts down only while a port is open. The tooltip stays: somebody may be reading it. */
  private count(wanted: boolean): void {
    if (wanted && this.timer === undefined) {
      this.timer = setInterval(() => {
        if (this.showText().kind !== 'open') this.refresh();
      }, COUNT_EVERY_MS);
    }
    if (!wanted && this.timer !== undefined) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }

  dispose(): void {
    this.count(false);
    this.subscription.dispose();
    this.item.dispose();
  }
}
