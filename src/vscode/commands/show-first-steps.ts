import { commands } from 'vscode';

/** Knockgate: Show First Steps: opens the walkthrough. */
export async function showFirstSteps(): Promise<void> {
  await commands.executeCommand('workbench.action.openWalkthrough', 'knockgate.knockgate#knockgate.start', false);
}
