import type { GateConfig } from '../config/gate-config.ts';
import { reasonOf } from '../problems.ts';
import type { AlertReport } from './alert-report.ts';
import { environmentFor, inputFor } from './alert-text.ts';
import type { ActionResult } from './request.ts';
import { runAs } from './run-as.ts';

/**
 * Runs the command of an alert of the configuration. What has happened comes to it by standard input and environment, never as an
 * argument. Never rejects.
 * @param gate name of this host
 */
export async function performAlert(
  { alerts }: Pick<GateConfig, 'alerts'>,
  report: AlertReport,
  gate: string,
): Promise<ActionResult> {
  const alert = alerts.find(({ name }) => name === report.alert);
  const [program, ...words] = alert?.run ?? [];
  if (alert === undefined || program === undefined) return { kind: 'refused', why: 'gate.toml has no such alert' };
  const { user, timeout } = alert;
  const [environment, input] = [environmentFor(report, gate), inputFor(alert, report, gate)];
  try {
    return await runAs({ user, program, words, timeout, environment, input });
  } catch (error) {
    return { kind: 'refused', why: reasonOf(error) };
  }
}
