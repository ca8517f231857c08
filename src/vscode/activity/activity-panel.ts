import { env, l10n, Uri, ViewColumn, type WebviewPanel } from 'vscode';
import { type Activity, readActivity, readEventPage, readRevoked } from '../../activity-view/answer.ts';
import { NotAsExpected } from '../../activity-view/exact.ts';
import { type Filter, type FromPage, readFromPage, type ToPage } from '../../activity-view/messages.ts';
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
}

type Questions = Pick<GateQuestions, 'connect' | 'ask' | 'ownAddress'>;

/** Gives a page what it asks for. */
export class ActivitySession {
  private readonly parts: Parts;
  private readonly host: string;
  private readonly questions: Questions;
  private readonly post: (message: ToPage) => unknown;
  /** The login. It begins before the page has been loaded. */
  private connected: Promise<void>;
  private activity: { readonly raw: unknown; readonly value: Activity } | undefined;

  constructor(parts: Parts, host: string, questions: Questions, post: (message: ToPage) => unknown) {
    this.parts = parts;
    this.host = host;
    this.questions = questions;
    this.post = post;
    this.connected = questions.connect();
    // It is awaited when the page asks; a rejection in the meantime counts as handled.
    this.connected.catch(() => {});
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
        this.connected = this.questions.connect();
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
    const { clock } = this.parts;
    await this.connected;
    const asked = clock.wallMs();
    this.activity = await this.questions.ask(ACTIVITY_QUESTION, readActivity);
    this.post({ type: 'activity', answer: this.activity.raw, asked, answered: clock.wallMs() });
  }

  private async sendEvents(request: number, before: string | null, filter: Filter): Promise<void> {
    await this.connected;
    const { raw } = await this.questions.ask(eventsQuestion(before, PAGE_LENGTH, filter), readEventPage);
    this.post({ type: 'events', request, answer: raw });
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
