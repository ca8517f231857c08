/** A webview panel that can be looked at. */
export class FakeWebviewPanel {
  readonly title: string;
  readonly options: unknown;
  readonly posted: unknown[] = [];
  revealed = 0;
  private readonly onMessage: ((message: unknown) => unknown)[] = [];
  private readonly onDispose: (() => unknown)[] = [];
  readonly webview = {
    html: '',
    asWebviewUri: (uri: { readonly path: string }) => `webview:${uri.path}`,
    onDidReceiveMessage: (listener: (message: unknown) => unknown) => this.onMessage.push(listener),
    postMessage: (message: unknown) => this.posted.push(message),
  };

  constructor(title: string, options: unknown) {
    this.title = title;
    this.options = options;
  }

  onDidDispose(listener: () => unknown): void {
    this.onDispose.push(listener);
  }

  reveal(): void {
    this.revealed += 1;
  }

  /** Sends what the page would send. */
  async send(message: unknown): Promise<void> {
    await Promise.all(this.onMessage.map((listener) => listener(message)));
  }

  dispose(): void {
    for (const listener of this.onDispose) listener();
  }
}
