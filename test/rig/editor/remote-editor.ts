import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WORKBENCH } from '../../../scripts/workbench.mjs';
import type { Home } from './home.ts';

const PROGRAM = join(dirname(WORKBENCH.server), '../../lib/vscode/out/vs/code/browser/workbench/workbench.js');

/** The authority that a command opens an empty window with goes along in the address of its page. */
const READ_ADDRESS = `globalThis.rigAuthority??=new URLSearchParams(location.search).get('rig')??undefined;`;

/**
 * In this editor every window's authority is the server's: it drops the one that a window is opened with. These changes
 * to the page's program give a window the authority that the test or a command wants, and have the editor ask for its
 * resolver as it does when a window over SSH is opened: as the first thing that it asks of the extension host. From there
 * on everything is the editor's own: activate who wants to know, wait for them, run the resolver. A test
 * plays the editor's attempts to connect again (remote-window.ts), so it hears when somebody asks for them.
 */
const CHANGES = [
  {
    at: 'activateByEvent(e,t){return this._cachedActivationEvents.has(e)',
    by: `activateByEvent(e,t){
      if(globalThis.rigAuthority&&!globalThis.rigResolved&&this._extensionHost.runningLocation.kind===3){
        globalThis.rigResolve=(attempt)=>this.resolveAuthority(globalThis.rigAuthority,attempt);
        globalThis.rigResolved=globalThis.rigResolve(1);
      }
      return this._cachedActivationEvents.has(e)`,
  },
  {
    at: 'remote:{isRemote:!0,authority:this._initDataProvider.remoteAuthority',
    by: 'remote:{isRemote:!0,authority:globalThis.rigAuthority??this._initDataProvider.remoteAuthority',
  },
  {
    at: 'async doOpenEmptyWindow(e){return this.doOpen(void 0,',
    by: 'async doOpenEmptyWindow(e){globalThis.rigWanted=e?.remoteAuthority;return this.doOpen(void 0,',
  },
  {
    // An empty window does not replace an empty one, unless it is one over SSH.
    at: 'if(e?.reuse&&!e.payload&&this.isSame(this.workspace,o))return!0',
    by: 'if(!globalThis.rigWanted&&e?.reuse&&!e.payload&&this.isSame(this.workspace,o))return!0',
  },
  {
    at: 'QUERY_PARAM_EMPTY_WINDOW}=true`',
    by: 'QUERY_PARAM_EMPTY_WINDOW}=true`+(globalThis.rigWanted?"&rig="+encodeURIComponent(globalThis.rigWanted):"")',
  },
  {
    // The editor's own connection leads to the server of the rig, and is not lost.
    at: 'static debugTriggerReconnection(){',
    by: 'static debugTriggerReconnection(){if(globalThis.rigAuthority){globalThis.rigAsked?.();return}',
  },
] as const;

/**
 * Writes an editor whose windows can be windows over SSH: those whose page says so before it is loaded.
 * @returns files that replace a server's own
 */
export function editorForRemoteWindows({ dir }: Home): Map<string, string> {
  let program = readFileSync(PROGRAM, 'utf8');
  for (const { at, by } of CHANGES) {
    const parts = program.split(at);
    if (parts.length !== 2) throw new Error(`the editor's program has ${parts.length - 1} places like ${at}`);
    program = parts.join(by);
  }
  const changed = join(dir, 'workbench.js');
  writeFileSync(changed, `${READ_ADDRESS}\n${program}`);
  return new Map([[PROGRAM, changed]]);
}
