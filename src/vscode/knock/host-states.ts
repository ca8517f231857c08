import { EventEmitter } from 'vscode';
import type { ProblemText } from '../../base/problem.ts';

export type HostState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'knocking' }
  | {
      readonly kind: 'open';
      /** Unix milliseconds until which new connections are let in, as far as this device knows. */
      readonly untilMs: number;
      /**
       * Address and port that answered, and how long after the knock; undefined when another window or the command line knocked.
       */
      readonly answer: Answer | undefined;
    }
  /** Only UDP was asked for: whether it is open is unknown. */
  | { readonly kind: 'sent'; readonly atMs: number }
  | { readonly kind: 'failed'; readonly problem: ProblemText; readonly atMs: number };

/** Connection that got through. */
export interface Answer {
  readonly address: string;
  readonly port: number;
  readonly afterMs: number;
  /** Datagrams sent; 0 when the port was still open. */
  readonly knocks: number;
  readonly sourceClaimed: boolean;
  readonly atMs: number;
}

const CLOSED: HostState = { kind: 'closed' };

/** States of all hosts, in this window. */
export class HostStates {
  private readonly states = new Map<string, HostState>();
  private readonly changed = new EventEmitter<string>();
  private lastChanged: string | undefined;
  private readonly wallMs: () => number;

  constructor(wallMs: () => number) {
    this.wallMs = wallMs;
  }

  /** Event with the name of the host whose state has changed. The end of a grant fires none. */
  readonly onDidChange = this.changed.event;

  /** State of a host; `closed` when its time is over, or nothing is known. */
  get(name: string): HostState {
    const state = this.states.get(name) ?? CLOSED;
    return state.kind === 'open' && state.untilMs <= this.wallMs() ? CLOSED : state;
  }

  /** Result of the last knock that was answered, even if the port has closed since. */
  lastAnswer(name: string): Answer | undefined {
    const state = this.states.get(name);
    return state?.kind === 'open' ? state.answer : undefined;
  }

  set(name: string, state: HostState): void {
    this.states.set(name, state);
    this.lastChanged = name;
    this.changed.fire(name);
  }

  /** Host that was knocked at last. */
  get lastKnocked(): string | undefined {
    return this.lastChanged;
  }

  dispose(): void {
    this.changed.dispose();
  }
}
