import { FakeWebviewPanel } from './fake-webview-panel.ts';

/*
 * As much of the editor as the parts in src/vscode that decide something ask for. What is shown is written down in
 * `shown`; what is chosen is taken from `answers`.
 */

export const shown: { readonly kind: string; readonly message: string; readonly items: readonly unknown[] }[] = [];
/** Answers to the next questions, or functions that give them; nothing is chosen when there is none. */
export const answers: unknown[] = [];
export const executed: { readonly command: string; readonly args: readonly unknown[] }[] = [];
/** The context keys that were set. */
export const contexts = new Map<string, unknown>();
/** Values by whole name, `knockgate.hosts`. */
export const configuration = new Map<string, unknown>();
/** Values of a server, which the editor mixes into the user's as machine settings. */
export const machineSettings = new Map<string, unknown>();
export const clipboard = { text: '' };
/** Lines of the output channel. */
export const logged: string[] = [];
/** Registered commands. */
export const registered = new Map<string, (argument?: unknown) => unknown>();

/** Resets everything. */
export function resetEditor(): void {
  for (const list of [shown, answers, executed, logged, extensions.all, panels]) list.length = 0;
  written.clear();
  configuration.clear();
  machineSettings.clear();
  contexts.clear();
  clipboard.text = '';
  env.remoteName = undefined;
  env.uriScheme = 'vscode';
  window.state.focused = true;
  window.terminals = [];
  window.tabGroups.all = [];
  debug.activeDebugSession = undefined;
  tasks.taskExecutions = [];
  registered.clear();
  workspace.workspaceFolders = undefined;
  workspace.workspaceFile = undefined;
  workspace.notebookDocuments = [];
}

export class EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void) => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of this.listeners) listener(value);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

export class MarkdownString {
  value: string;
  isTrusted: unknown;
  constructor(value = '') {
    this.value = value;
  }
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}

export const l10n: {
  bundle: Readonly<Record<string, string>> | undefined;
  t: (message: string, ...values: unknown[]) => string;
} = {
  bundle: undefined,
  t: (message: string, ...values: unknown[]) =>
    message.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)])),
};

/** Files that were written, by path. */
export const written = new Map<string, string>();

export const ViewColumn = { Active: -1 };

/** Webview panels that were opened. */
export const panels: FakeWebviewPanel[] = [];

export const ConfigurationTarget = { Global: 1 };
export const ProgressLocation = { Notification: 15 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const StatusBarAlignment = { Left: 1, Right: 2 };

/** A status bar item that can be looked at. */
export class FakeStatusBarItem {
  name = '';
  command = '';
  text = '';
  tooltip: unknown;
  accessibilityInformation: unknown;
  isShown = false;
  isDisposed = false;
  show(): void {
    this.isShown = true;
  }
  hide(): void {
    this.isShown = false;
  }
  dispose(): void {
    this.isDisposed = true;
  }
}

/** Answer to an input box: go back. */
export const BACK = Symbol('back');
/** Answer to a quick pick: the text that is in it. */
export const ENTER = Symbol('enter');
export const QuickInputButtons = { Back: { iconPath: '' } };

/** Input box that answers itself with the next of `answers`; a refused answer is noted, and the box is left. */
class FakeInputBox {
  title = '';
  step = 0;
  totalSteps = 0;
  prompt = '';
  value = '';
  validationMessage: string | undefined;
  busy = false;
  buttons: readonly unknown[] = [];
  private readonly changed = new EventEmitter<string>();
  private readonly accepted = new EventEmitter<undefined>();
  private readonly hidden = new EventEmitter<undefined>();
  private readonly pressed = new EventEmitter<unknown>();
  readonly onDidChangeValue = this.changed.event;
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;
  readonly onDidTriggerButton = this.pressed.event;

  show(): void {
    shown.push({ kind: 'input', message: `${this.title} ${this.step}/${this.totalSteps}: ${this.value}`, items: [] });
    const answer = answers.shift();
    if (answer === BACK) this.pressed.fire(this.buttons[0]);
    if (typeof answer === 'string') {
      this.value = answer;
      this.changed.fire(answer);
      if (this.validationMessage !== undefined)
        shown.push({ kind: 'complaint', message: this.validationMessage, items: [] });
      this.accepted.fire(undefined);
    }
    // Else it is looked at what was answered.
    if (!this.busy) this.hidden.fire(undefined);
  }

  dispose(): void {}
}

/**
 * Quick pick that answers itself in the same way: an answer is the label of an item, a typed text, or `ENTER` for the active item.
 */
class FakeQuickPick {
  title = '';
  step = 0;
  totalSteps = 0;
  buttons: readonly unknown[] = [];
  value = '';
  items: readonly { readonly label: string; readonly alwaysShow?: boolean }[] = [];
  activeItems: readonly { readonly label: string }[] = [];
  busy = false;
  private readonly accepted = new EventEmitter<undefined>();
  private readonly hidden = new EventEmitter<undefined>();
  private readonly pressed = new EventEmitter<unknown>();
  private readonly changed = new EventEmitter<string>();
  readonly onDidChangeValue = this.changed.event;
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;
  readonly onDidTriggerButton = this.pressed.event;

  show(): void {
    const offered = this.activeItems[0]?.label ?? '';
    shown.push({
      kind: 'choice',
      message: `${this.title} ${this.step}/${this.totalSteps}: ${offered}`,
      items: this.items,
    });
    const answer = answers.shift();
    if (answer === BACK) this.pressed.fire(this.buttons[0]);
    if (typeof answer === 'string') this.type(answer);
    if (answer === ENTER || typeof answer === 'string') this.accepted.fire(undefined);
    if (!this.busy) this.hidden.fire(undefined);
  }

  /** Types a text: the item with that label becomes active, or else one that shows any typed text. */
  private type(text: string): void {
    const listed = this.items;
    this.value = text;
    this.changed.fire(text);
    if (this.items !== listed) shown.push({ kind: 'typed', message: text, items: this.items });
    const called = this.items.filter(({ label }) => label === text);
    this.activeItems = called.length > 0 ? called : this.items.filter(({ alwaysShow }) => alwaysShow === true);
  }

  hide(): void {
    this.hidden.fire(undefined);
  }

  dispose(): void {}
}

/** Tree views of the extension. */
export const treeViews: { message: string; readonly options: { readonly treeDataProvider: unknown } }[] = [];

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export const Uri = {
  file: (path: string) => ({ scheme: 'file', path, fsPath: path }),
  joinPath: ({ path }: { readonly path: string }, name: string) => Uri.file(`${path}/${name}`),
  from: (parts: { readonly scheme: string; readonly path: string }) => ({ ...parts }),
};

export class TabInputText {
  readonly uri: { readonly scheme: string };
  constructor(uri: { readonly scheme: string }) {
    this.uri = uri;
  }
}

/** Comparison of two texts in a tab. */
export class TabInputTextDiff {
  readonly modified: { readonly scheme: string };
  constructor(modified: { readonly scheme: string }) {
    this.modified = modified;
  }
}

/** Notebook in a tab. */
export class TabInputNotebook {
  readonly notebookType: string;
  constructor(notebookType: string) {
    this.notebookType = notebookType;
  }
}

export const tasks: { taskExecutions: unknown[] } = { taskExecutions: [] };

export const debug: { activeDebugSession: unknown } = { activeDebugSession: undefined };

export class ThemeIcon {
  readonly id: string;
  readonly color: ThemeColor | undefined;
  constructor(id: string, color?: ThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1 };

export class TreeItem {
  label: string;
  constructor(label: string) {
    this.label = label;
  }
}

export const statusBarItems: FakeStatusBarItem[] = [];

async function ask(kind: string, message: string, items: readonly unknown[]): Promise<unknown> {
  shown.push({ kind, message, items });
  const answer = answers.shift();
  return typeof answer === 'function' ? answer() : answer;
}

export const window = {
  state: { focused: true },
  onDidChangeWindowState: () => ({ dispose: () => {} }),
  createOutputChannel: () => ({
    debug: (line: string) => logged.push(line),
    info: (line: string) => logged.push(line),
    warn: (line: string) => logged.push(line),
    error: (line: string) => logged.push(line),
    show: () => shown.push({ kind: 'log', message: '', items: [] }),
    dispose: () => {},
  }),
  createStatusBarItem: () => {
    const item = new FakeStatusBarItem();
    statusBarItems.push(item);
    return item;
  },
  createWebviewPanel: (_type: string, title: string, _column: unknown, options: unknown) => {
    const panel = new FakeWebviewPanel(title, options);
    panels.push(panel);
    return panel;
  },
  registerUriHandler: () => ({ dispose: () => {} }),
  showErrorMessage: (message: string, ...items: unknown[]) => ask('error', message, items),
  showWarningMessage: (message: string, ...items: unknown[]) => ask('warning', message, items),
  showInformationMessage: (message: string, ...items: unknown[]) => ask('information', message, items),
  createInputBox: () => new FakeInputBox(),
  createQuickPick: () => new FakeQuickPick(),
  createTreeView: (_id: string, options: { readonly treeDataProvider: unknown }) => {
    const nothing = () => ({ dispose: () => {} });
    const view = { message: '', visible: true, options, onDidChangeVisibility: nothing, dispose: () => {} };
    treeViews.push(view);
    return view;
  },
  terminals: [] as unknown[],
  tabGroups: { all: [] as { readonly tabs: readonly unknown[] }[], close: async () => true },
  showInputBox: async (options: {
    readonly title?: string;
    readonly prompt?: string;
    readonly validateInput?: (text: string) => string | undefined;
  }) => {
    const answer = await ask('input', `${options.title}: ${options.prompt}`, []);
    const complaint = typeof answer === 'string' ? options.validateInput?.(answer) : undefined;
    if (complaint === undefined) return answer;
    shown.push({ kind: 'complaint', message: complaint, items: [] });
    return undefined;
  },
  showSaveDialog: (options: { readonly title?: string }) => ask('save', options.title ?? '', []),
  showOpenDialog: (options: { readonly title?: string }) => ask('open', options.title ?? '', []),
  showQuickPick: async (items: readonly { readonly label: string }[], options: { title?: string }) => {
    const answer = await ask('pick', options.title ?? '', items);
    return typeof answer === 'string' ? items.find(({ label }) => label === answer) : answer;
  },
  withProgress: (options: { title?: string }, work: (progress: unknown, token: unknown) => unknown) => {
    shown.push({ kind: 'progress', message: options.title ?? '', items: [] });
    return work({ report: () => {} }, { onCancellationRequested: () => {} });
  },
};

const configurationListeners = new Set<(event: { affectsConfiguration: (name: string) => boolean }) => void>();

/** Documents that the extension makes up, by scheme. */
export const documents = new Map<string, (uri: unknown) => unknown>();

export const workspace: {
  workspaceFolders: unknown;
  workspaceFile: unknown;
  notebookDocuments: unknown[];
  fs: {
    stat: (uri: unknown) => Promise<unknown>;
    writeFile: (uri: { readonly path: string }, content: Uint8Array) => Promise<void>;
  };
  registerTextDocumentContentProvider: (
    scheme: string,
    provider: { readonly provideTextDocumentContent: (uri: unknown) => unknown },
  ) => { dispose: () => void };
  onDidChangeConfiguration: (listener: (event: { affectsConfiguration: (name: string) => boolean }) => void) => {
    dispose: () => void;
  };
  getConfiguration: (section?: string) => {
    get: (key: string) => unknown;
    inspect: (key: string) => { readonly globalValue: unknown; readonly globalLocalValue: unknown };
    update: (key: string, value: unknown) => Promise<void>;
  };
} = {
  workspaceFolders: undefined,
  workspaceFile: undefined,
  notebookDocuments: [],
  fs: {
    stat: async () => ({}),
    writeFile: async ({ path }, content) => void written.set(path, Buffer.from(content).toString('utf8')),
  },
  registerTextDocumentContentProvider: (scheme, provider) => {
    documents.set(scheme, (uri) => provider.provideTextDocumentContent(uri));
    return { dispose: () => documents.delete(scheme) };
  },
  onDidChangeConfiguration: (listener) => {
    configurationListeners.add(listener);
    return { dispose: () => configurationListeners.delete(listener) };
  },
  getConfiguration: (section) => {
    const whole = (key: string) => (section === undefined ? key : `${section}.${key}`);
    return {
      get: (key) => configuration.get(whole(key)),
      inspect: (key) => {
        const globalLocalValue = configuration.get(whole(key));
        return { globalLocalValue, globalValue: machineSettings.get(whole(key)) ?? globalLocalValue };
      },
      update: async (key, value) => {
        configuration.set(whole(key), value);
        const event = { affectsConfiguration: (name: string) => name === whole(key) };
        for (const listener of configurationListeners) listener(event);
      },
    };
  },
};

export const commands = {
  registerCommand: (id: string, command: (argument?: unknown) => unknown) => {
    registered.set(id, command);
    return { dispose: () => registered.delete(id) };
  },
  executeCommand: async (command: string, ...args: unknown[]) => {
    if (command === 'setContext') contexts.set(String(args[0]), args[1]);
    else executed.push({ command, args });
  },
};

interface FakeExtension {
  id: string;
  extensionPath?: string;
  packageJSON: unknown;
}

export const extensions = {
  all: [] as FakeExtension[],
  getExtension: (id: string): FakeExtension | undefined => extensions.all.find((each) => each.id.toLowerCase() === id),
};

export const env: {
  remoteName: string | undefined;
  uriScheme: string;
  language: string;
  clipboard: { writeText: (text: string) => Promise<void> };
} = {
  remoteName: undefined,
  uriScheme: 'vscode',
  language: 'en',
  clipboard: {
    writeText: async (text: string) => {
      clipboard.text = text;
    },
  },
};

/** Installs an SSH extension that registers `configFile` and `path` in the section `remote.SSH`. */
export function installSshExtension(): void {
  const setting = { type: 'string', scope: 'application' };
  extensions.all.push({
    id: 'jeanp413.open-remote-ssh',
    packageJSON: {
      activationEvents: ['onResolveRemoteAuthority:ssh-remote'],
      contributes: {
        configuration: { properties: { 'remote.SSH.configFile': setting, 'remote.SSH.path': setting } },
      },
    },
  });
}
