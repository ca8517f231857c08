import { statSync } from 'node:fs';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { ExitCode } from '../../src/base/problem.ts';
import { parseGateConfig } from '../config/gate-config.ts';
import { readConfigText } from '../config/load.ts';
import type { Paths } from '../paths.ts';
import { configWritable, reasonOf } from '../problems.ts';
import { LONGEST_REPORT, parseReport } from './alert-report.ts';
import { perform } from './perform.ts';
import { performAlert } from './perform-alert.ts';
import { type ActionResult, formatResult, parseRequest } from './request.ts';

/** Milliseconds within which the request must arrive. */
const PATIENCE = 5000;
const GROUP_AND_OTHERS_WRITE = 0o022;
const NOT_A_REQUEST: ActionResult = { kind: 'refused', why: 'this is not a request' };

/**
 * Runs one action or alert that the daemon asks for through the connection on standard input, which systemd hands over (knockgate-
 * action.socket). The daemon is not trusted: the commands are read from gate.toml, which only root may write.
 */
export async function runAction(paths: Paths): Promise<ExitCode> {
  const socket = new Socket({ fd: 0 });
  // The process that asked has stopped waiting.
  socket.on('error', () => {});
  const result = await answer(await lineFrom(socket), paths);
  await new Promise<void>((resolve) => socket.end(formatResult(result), resolve));
  return result.kind === 'exit' ? ExitCode.done : ExitCode.fault;
}

async function answer(line: string | undefined, paths: Paths): Promise<ActionResult> {
  const request = line === undefined ? undefined : parseRequest(line);
  const report = line === undefined ? undefined : parseReport(line);
  if (request === undefined && report === undefined) return NOT_A_REQUEST;
  try {
    for (const path of [paths.config, dirname(paths.config)]) expectWrittenByRootOnly(path);
    const config = parseGateConfig(readConfigText(paths.config), paths.config);
    if (report !== undefined) return await performAlert(config, report, hostname());
    return request === undefined ? NOT_A_REQUEST : await perform(config, request);
  } catch (error) {
    return { kind: 'refused', why: reasonOf(error) };
  }
}

function lineFrom(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8').setTimeout(PATIENCE, () => resolve(undefined));
    socket.on('end', () => resolve(undefined));
    socket.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0 || text.length > LONGEST_REPORT) {
        socket.setTimeout(0);
        resolve(end < 0 ? undefined : text.slice(0, end));
      }
    });
  });
}

/** @throws Problem `config-writable` */
function expectWrittenByRootOnly(path: string): void {
  const { uid, mode } = statSync(path);
  if (uid !== 0 || (mode & GROUP_AND_OTHERS_WRITE) !== 0) throw configWritable(path);
}
