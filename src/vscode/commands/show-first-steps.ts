import { commands } from 'vscode';

/** Knockgate: Show First Steps: the walkthrough, from wherever one is. */
export async function showFirstSteps(): Promise<void> {
  await commands.executeCommand('workbench.action.openWalkthrough', 'knockgate.knockgate#knockgate.start', false);
}
