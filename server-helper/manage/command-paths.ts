import { type Paths, pathsFrom } from '../paths.ts';

/**
 * Paths for a command. STATE_DIRECTORY and RUNTIME_DIRECTORY are those of the unit that calls it, which need not be the gate's:
 * only the daemon goes by them.
 * @param config `--config`
 */
export function commandPaths(environment: NodeJS.ProcessEnv, config?: string): Paths {
  const { KNOCKGATE_STATE_DIRECTORY: state, KNOCKGATE_RUNTIME_DIRECTORY: runtime } = environment;
  return pathsFrom({ STATE_DIRECTORY: state, RUNTIME_DIRECTORY: runtime }, config);
}
