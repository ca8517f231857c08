import { beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../../../src/base/bytes.ts';
import {
  answers,
  configuration,
  executed,
  extensions,
  resetEditor,
  shown,
  workspace,
} from '../../../rig/fake-vscode.ts';
import { FakeContext, messages, run, start } from '../editor.ts';
import { gate } from '../loopback-gate.ts';
import { PRIVATE_KEY } from '../support.ts';

const SSH_EXTENSION = { id: 'a.b', packageJSON: { activationEvents: ['onResolveRemoteAuthority:ssh-remote'] } };

/** A host that nobody resolves; its gate is on loopback, with a port behind it that is open. */
const NAME = 'prod.invalid';

let context: FakeContext;
let knocks: readonly unknown[];

beforeEach(async () => {
  resetEditor();
  extensions.all.push(SSH_EXTENSION);
  const made = await gate(true);
  ({ knocks } = made);
  const { prod } = configuration.get('knockgate.hosts') as { prod: unknown };
  configuration.set('knockgate.hosts', { [NAME]: prod });
  context = new FakeContext(new Map([['knockgate.clientKey', toBase64Url(PRIVATE_KEY)]]));
  await start(context);
});

const hex = (value: unknown) => Buffer.from(JSON.stringify(value), 'utf8').toString('hex');
/** The titles of what is offered in the list that was shown last. */
const offered = () => (shown.at(-1)?.items ?? []).map((item) => Object(item).label as string);
const opened = () => executed.map(({ args: [first] }) => first);

describe('Knock and Connect', () => {
  it('says that no extension opens such windows before it knocks', async () => {
    extensions.all.length = 0;
    await run('knockAndConnect', [], NAME);
    expect(messages('error').join()).toContain('No extension that opens windows over SSH');
    expect(knocks).toHaveLength(0);
  });

  it('warns before it knocks that ssh would not find the name, and offers where the gate is', async () => {
    await run('knockAndConnect', [undefined], NAME);
    expect(offered()).toEqual(['Connect to 127.0.0.1', `Connect to ${NAME} all the same`]);
    expect([knocks.length, executed.length]).toEqual([0, 0]);
    await run('knockAndConnect', ['Connect to 127.0.0.1'], NAME);
    expect(opened()).toEqual([{ remoteAuthority: 'ssh-remote+127.0.0.1', reuseWindow: true }]);
    await expect.poll(() => knocks.length).toBe(1);
  });

  it('remembers where a host was found', async () => {
    await run('knockAndConnect', ['Connect to 127.0.0.1'], NAME);
    await run('knockAndConnect', [], NAME);
    expect(opened()).toHaveLength(2);
    expect(opened()[1]).toEqual(opened()[0]);
  });

  it('takes what ssh takes, typed into its list', async () => {
    await run('knockAndConnect', ['ssh://root@127.0.0.1:2222']);
    const authority = `ssh-remote+${hex({ hostName: '127.0.0.1', user: 'root', port: 2222 })}`;
    expect(opened()).toEqual([{ remoteAuthority: authority, reuseWindow: true }]);
  });

  it('opens a window of its own beside one in which something is open, unless this one is wanted', async () => {
    workspace.workspaceFolders = [{ uri: { authority: '' } }];
    await run('knockAndConnect', ['127.0.0.1']);
    await run('connectHere', ['127.0.0.1']);
    expect(opened().map((options) => Object(options).reuseWindow)).toEqual([false, true]);
  });

  it('asks whose server it is where there is no gate', async () => {
    await run('knockAndConnect', [undefined], 'localhost');
    expect(offered()).toEqual([
      'The server is mine: set up a gate',
      'Somebody gave me a line, or it runs fwknop or knockd',
      'It is not hidden: just connect',
    ]);
    await run('knockAndConnect', ['It is not hidden: just connect'], 'localhost');
    expect(opened()).toEqual([{ remoteAuthority: 'ssh-remote+localhost', reuseWindow: true }]);
    expect(knocks).toHaveLength(0);
  });
});

describe('Knock and Open Folder', () => {
  it('takes a path, and offers it the next time', async () => {
    await run('openFolder', ['127.0.0.1', '/srv/app']);
    const uri = { scheme: 'vscode-remote', authority: 'ssh-remote+127.0.0.1', path: '/srv/app' };
    const here = { forceNewWindow: false, forceReuseWindow: true };
    expect(executed).toEqual([{ command: 'vscode.openFolder', args: [uri, here] }]);
    await run('openFolder', ['127.0.0.1', undefined]);
    expect(offered()).toEqual(['/srv/app']);
  });

  it('takes no path that does not begin at a root', async () => {
    await run('openFolder', ['127.0.0.1', 'app']);
    expect(executed).toEqual([]);
  });

  it('opens the folder of a row of the view', async () => {
    workspace.workspaceFolders = [{ uri: { authority: '' } }];
    const row = { kind: 'folder', host: NAME, folder: { host: '127.0.0.1', user: 'dev', path: '/srv/app' } };
    await run('openFolder', [], row);
    await run('openFolderHere', [], row);
    const authority = `ssh-remote+${hex({ hostName: '127.0.0.1', user: 'dev' })}`;
    expect(opened()).toEqual([1, 2].map(() => ({ scheme: 'vscode-remote', authority, path: '/srv/app' })));
    expect(executed.map(({ args: [, how] }) => how)).toEqual([
      { forceNewWindow: true, forceReuseWindow: false },
      { forceNewWindow: false, forceReuseWindow: true },
    ]);
  });
});

describe('a typed destination', () => {
  it('that ssh would refuse is refused, with what is expected', async () => {
    answers.length = 0;
    await run('knockHost', [], '-oProxyCommand=x');
    expect(messages('error')).toEqual([expect.stringContaining('root@203.0.113.7')]);
  });

  it('knocks at the host that has that address', async () => {
    await run('knockHost', ['dev@127.0.0.1']);
    expect(messages('error')).toEqual([]);
    await expect.poll(() => knocks.length).toBe(1);
  });
});
