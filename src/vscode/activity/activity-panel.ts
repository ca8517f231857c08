import { env, l10n, Uri, ViewColumn, type WebviewPanel } from 'vscode';
import { type Activity, type EventPage, readActivity, readEventPage, readRevoked } from '../../activity-view/answer.ts';
import { NotAsExpected } from '../../activity-view/exact.ts';
import { ALL_EVENTS, type Filter, type FromPage, readFromPage, type ToPage } from '../../activity-view/messages.ts';
import { activityPage } from '../../activity-view/page-html.ts';
import { ACTIVITY_QUESTION, eventsQuestion, revokeQuestion } from '../../activity-view/questions.ts';
import { toBase64Url } from '../../base/bytes.ts';
import { confirm } from '../ask/ask.ts';
import { logProblem } from '../ask/show-problem.ts';
import { window } from '../ask/window.ts';
import type { Parts } from '../parts.ts';
import { exportActivity } from './export-activity.ts';
import { GateQuestions } from './gate-questions.ts';

/** Events of a page: few enough to be laid out within a frame. */
const PAGE_LENGTH = 100;

/** Panels that are open, by host. */
const panels = new Map<string, WebviewPanel>();

/** Shows the activity of a gate in a tab; the one that is open already, if there is one. */
export function showActivityPanel(parts: Parts, host: string): void {
  const open = panels.get(host);
  if (open === undefined) openPanel(parts, host);
  else open.reveal();
}

function openPanel(parts: Parts, host: string): void {
  const folder = Uri.file(parts.programFolder());
  const panel = window.createWebviewPanel('knockgate.activity', l10n.t('Activity of {0}', host), ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [folder],
    // A hidden page keeps its filter, its place in the log and what it has learned.
    retainContextWhenHidden: true,
  });
  panels.set(host, panel);
  const { webview } = panel;
  const questions = new GateQuestions(parts, host);
  const session = new ActivitySession(parts, host, questions, (message) => webview.postMessage(message));
  webview.onDidReceiveMessage((message: unknown) => session.receive(message));
  panel.onDidDispose(() => {
    panels.delete(host);
    questions.close();
  });
  const nonce = toBase64Url(parts.crypto.randomBytes(18));
  const addressOf = (name: string) => webview.asWebviewUri(Uri.joinPath(folder, name)).toString();
  webview.html = activityPage(addressOf, env.language, nonce);
  // The editor gets the page before the code of a login is loaded, which keeps this process busy.
  setImmediate(() => session.askAhead());
}

type Questions = Pick<GateQuestions, 'connect' | 'ask' | 'ownAddress'>;

interface Answer<T> {
  readonly raw: unknown;
  readonly value: T;
}

/** An answer with its times: unix milliseconds of this computer's clock. */
interface TimedAnswer<T> extends Answer<T> {
  readonly asked: number;
  readonly answered: number;
}

/** Answers that were asked for ahead, and that no page has got yet. */
interface Ahead {
  activity: Promise<TimedAnswer<Activity>> | undefined;
  events: Promise<Answer<EventPage>> | undefined;
}

/** Gives a page what it asks for. */
export class ActivitySession {
  private readonly parts: Parts;
  private readonly host: string;
  private readonly questions: Questions;
  private readonly post: (message: ToPage) => unknown;
  private connected: Promise<void> | undefined;
  private activity: Answer<Activity> | undefined;
  /** Answers to what the page asks first. They are asked for while it is loaded. */
  private ahead: Ahead | undefined;

  constructor(parts: Parts, host: string, questions: Questions, post: (message: ToPage) => unknown) {
    this.parts = parts;
    this.host = host;
    this.questions = questions;
    this.post = post;
  }

  /** Logs in and asks the first questions before the page does, which takes its time to load. */
  askAhead(): void {
    if (this.connected !== undefined) return;
    this.ahead = { activity: this.askActivity(), events: this.askEvents(null, ALL_EVENTS) };
    // They are awaited when the page asks; a rejection in the meantime counts as handled.
    for (const answer of Object.values(this.ahead)) answer?.catch(() => {});
  }

  /** Takes a message of the page. An error is told to the page; a message that is none of ours is refused. Never rejects. */
  async receive(message: unknown): Promise<void> {
    let request: number | null = null;
    try {
      const read = readFromPage(message);
      if (read.type === 'events') request = read.request;
      await this.act(read);
    } catch (error) {
      const { message: text } = logProblem(error, this.parts.log);
      if (!(error instanceof NotAsExpected)) this.post({ type: 'failed', request, text });
    }
  }

  private async act(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.post(this.start());
        return this.sendActivity();
      case 'refresh':
        this.connected = undefined;
        return this.sendActivity();
      case 'events':
        return this.sendEvents(message.request, message.before, message.filter);
      case 'revoke':
        return this.revoke(message.address);
      case 'export':
        return exportActivity(this.host, this.activity, message.filter, this.questions);
    }
  }

  private start(): ToPage {
    const texts = l10n.bundle ?? {};
    const { version } = this.parts.about;
    return { type: 'start', host: this.host, language: env.language, version, texts };
  }

  private async sendActivity(): Promise<void> {
    const ahead = this.ahead?.activity;
    if (this.ahead !== undefined) this.ahead.activity = undefined;
    const { raw, value, asked, answered } = await (ahead ?? this.askActivity());
    this.activity = { raw, value };
    this.post({ type: 'activity', answer: raw, asked, answered });
  }

  private async sendEvents(request: number, before: string | null, filter: Filter): Promise<void> {
    const isFirst = before === null && Object.values(filter).every((text) => text === '');
    const ahead = isFirst ? this.ahead?.events : undefined;
    if (this.ahead !== undefined) this.ahead.events = undefined;
    const { raw } = await (ahead ?? this.askEvents(before, filter));
    this.post({ type: 'events', request, answer: raw });
  }

  private async askActivity(): Promise<TimedAnswer<Activity>> {
    await this.connect();
    const { clock } = this.parts;
    const asked = clock.wallMs();
    const answer = await this.questions.ask(ACTIVITY_QUESTION, readActivity);
    return { ...answer, asked, answered: clock.wallMs() };
  }

  private async askEvents(before: string | null, filter: Filter): Promise<Answer<EventPage>> {
    await this.connect();
    return this.questions.ask(eventsQuestion(before, PAGE_LENGTH, filter), readEventPage);
  }

  /** Waits for the one login; a refresh may log in anew. */
  private connect(): Promise<void> {
    this.connected ??= this.questions.connect();
    return this.connected;
  }

  /** Ends the grants of an address that the gate has named. Nobody is locked out: connections live on, and a client may knock again. */
  private async revoke(address: string): Promise<void> {
    const isNamed = this.activity?.value.grants.some((grant) => grant.address === address) ?? false;
    if (!isNamed) throw new NotAsExpected('expected an address that is let in');
    const isOwn = (await this.questions.ownAddress()) === address;
    const detail = isOwn
      ? l10n.t(
          'This device comes from that address. Its connections stay, and Knockgate knocks again for the next one.',
        )
      : l10n.t(
          'New connections from that address are refused until its client knocks again. Connections that are up stay.',
        );
    if (!(await confirm(l10n.t('Revoke the grants of {0}?', address), l10n.t('Revoke'), detail))) return;
    const { value } = await this.questions.ask(revokeQuestion(address), readRevoked);
    this.parts.log.info(`${this.host}: revoked ${value.ended} grants of ${address}`);
    await this.sendActivity();
    // Said last, so that a screen reader reads it.
    const done = l10n.t('The grants of {0} are revoked.', address);
    this.post({ type: 'done', text: value.ended > 0 ? done : l10n.t('{0} has no grants any more.', address) });
  }
}
