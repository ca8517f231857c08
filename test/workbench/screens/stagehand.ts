import { connect } from 'node:net';
import { join } from 'node:path';
import type { Home } from '../../rig/editor/home.ts';
import type { MadeUpExtension } from '../../rig/editor/vsix.ts';

/** In the folder for sockets of the person who uses the workbench. */
const SOCKET = 'stagehand.sock';

/** Does behind the scene, and at once, what a person would do by several keys: start a command, change a setting. */
export const STAGEHAND: MadeUpExtension = {
  publisher: 'rig',
  name: 'stagehand',
  manifest: { extensionKind: ['ui'], activationEvents: ['onStartupFinished'] },
  main: `
    const vscode = require('vscode');
    const path = require('node:path').join(process.env.XDG_RUNTIME_DIR, '${SOCKET}');
    const does = {
      start: (command, ...args) => void vscode.commands.executeCommand(command, ...args),
      run: (command, ...args) => vscode.commands.executeCommand(command, ...args),
      // An empty page of the editor, until its program runs.
      page: () => new Promise((resolve) => {
        const panel = vscode.window.createWebviewPanel('stagehand', 'Empty', 1, { enableScripts: true });
        panel.webview.onDidReceiveMessage(resolve);
        panel.webview.html = '<script>acquireVsCodeApi().postMessage(1)</script>';
      }),
      set: (key, value) => vscode.workspace.getConfiguration().update(key, value, vscode.ConfigurationTarget.Global),
    };
    exports.activate = (context) => {
      require('node:fs').rmSync(path, { force: true });
      const server = require('node:net').createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', async (data) => {
          const [what, ...args] = JSON.parse(String(data));
          try {
            await does[what](...args);
            socket.end('done');
          } catch (error) {
            socket.end(String(error));
          }
        });
      });
      server.listen(path);
      context.subscriptions.push({ dispose: () => server.close() });
    };`,
};

/** Is there as soon as the stagehand is. */
export const stagehandSocket = (home: Home) => join(home.runtime, SOCKET);

/** Has the stagehand of the one window that is open do something: start a command, run it to its end, change a setting, open an empty page. */
export function tellStagehand(
  home: Home,
  what: 'start' | 'run' | 'set' | 'page',
  ...args: readonly unknown[]
): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(stagehandSocket(home), () => socket.write(JSON.stringify([what, ...args])));
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject);
    socket.once('end', () => (answer === 'done' ? resolve() : reject(new Error(answer))));
  });
}
