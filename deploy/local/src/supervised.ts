import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { monotonicMs } from '@countersign/bus';
import { reasonOf, sleep } from '@countersign/runtime';
import type { ChildRegister } from './children.js';
import { lastLines, sizeOf, textSince } from './log-file.js';
import { RESTARTS, type Program, type RestartPolicy } from './program.js';

/**
 * stopped: nobody wants it up. starting: it runs and is not ready. ready: it answers. waiting: it ended by itself and is
 * started again soon. failed: it ended before its first readiness, or refused its configuration; starting again would
 * not help.
 */
export type ProcessState = 'stopped' | 'starting' | 'ready' | 'waiting' | 'failed';

const STOP_GRACE_MS = 10_000; // services drain for as long as this; then SIGKILL
const READY_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 20;
const EXIT_CONFIGURATION = 78; // EX_CONFIG of sysexits.h: services end so when a variable is wrong

/** One process under supervision: started again when it ends by itself, until `stop()`. */
export class SupervisedProcess {
  /** times that it was started again by itself */
  restarts = 0;
  private now: ProcessState = 'stopped';
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private wasReady = false;
  private pauseMs: number;
  private pause: NodeJS.Timeout | undefined;

  constructor(
    readonly program: Program,
    private readonly register: ChildRegister,
    private readonly policy: RestartPolicy | 'never' = RESTARTS,
    /** told of each change of state */
    private readonly watch: (process: SupervisedProcess) => void = () => undefined,
  ) {
    this.pauseMs = RESTARTS.firstPauseMs;
  }

  get state(): ProcessState {
    return this.now;
  }

  get name(): string {
    return this.program.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it and waits until it is ready. Throws Error with its last log lines when it ends before. */
  async start(): Promise<void> {
    if (this.child) return this.ready();
    clearTimeout(this.pause);
    this.wasReady = false;
    const from = sizeOf(this.program.logFile);
    this.launch(from);
    await this.ready().catch(async (error: unknown) => {
      await this.stop();
      const lines = lastLines(this.program.logFile, from);
      throw new Error(`${this.name} did not start: ${reasonOf(error)}\n${lines}\n(log: ${this.program.logFile})`);
    });
  }

  /** Waits until it is ready: after a start, or after it ended by itself and is started again. */
  async ready(withinMs = READY_WITHIN_MS): Promise<void> {
    for (const endMs = monotonicMs() + withinMs; this.state !== 'ready'; await sleep(LOOK_EVERY_MS)) {
      if (this.state === 'failed') throw new Error('it ended');
      if (this.state === 'stopped') throw new Error('it was stopped');
      if (monotonicMs() > endMs) throw new Error(`not ready after ${withinMs} ms`);
    }
  }

  /** Sends a signal and does nothing else: after SIGKILL it is started again as after any death; SIGSTOP pauses it. */
  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Kills it as a fault would, and waits until it is gone. Supervision then does what it does: see `ready()`. */
  async crash(): Promise<void> {
    this.kill('SIGKILL');
    await this.ended;
  }

  /** Ends it in order (or by `signal`), waits until it is gone, and leaves it down. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = STOP_GRACE_MS): Promise<void> {
    clearTimeout(this.pause);
    this.enter('stopped');
    const { child } = this;
    if (!child) return;
    child.kill(signal);
    child.kill('SIGCONT'); // a paused process takes its SIGTERM only when it goes on
    const last = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(last);
  }

  async restart(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  private enter(state: ProcessState): void {
    if (state === this.now) return;
    this.now = state;
    this.watch(this);
  }

  private launch(logFrom: number): void {
    const { program } = this;
    const log = openSync(program.logFile, 'a', 0o600);
    const child = spawn(program.command, program.args, {
      env: program.variables,
      stdio: ['ignore', log, log],
      detached: true, // Ctrl-C in a terminal is the supervisor's to act on
    });
    closeSync(log);
    this.child = child;
    this.enter('starting');
    if (child.pid !== undefined) this.register.add(this.name, child.pid);
    const startedMs = monotonicMs();
    const life = { logged: () => textSince(program.logFile, logFrom), living: () => this.child === child };
    this.ended = new Promise((resolve) => {
      const ended = (status: number | null): void => {
        if (child.pid !== undefined) this.register.remove(child.pid);
        this.child = undefined;
        resolve();
        this.afterEnd(status, monotonicMs() - startedMs);
      };
      child.once('exit', ended);
      child.once('error', () => child.pid === undefined && ended(EXIT_CONFIGURATION)); // there is no such program
    });
    void program.ready(life).then(
      () => {
        if (this.child !== child || this.state !== 'starting') return;
        this.enter('ready');
        this.wasReady = true;
      },
      () => undefined, // its end, or the patience of whoever waits, says so
    );
  }

  private afterEnd(status: number | null, livedMs: number): void {
    if (this.state === 'stopped') return;
    if (status === EXIT_CONFIGURATION || !this.wasReady) this.enter('failed');
    else if (this.policy === 'never') this.enter('stopped');
    else {
      const { firstPauseMs, longestPauseMs, steadyAfterMs } = this.policy;
      if (livedMs >= steadyAfterMs) this.pauseMs = firstPauseMs;
      this.enter('waiting');
      this.pause = setTimeout(() => {
        this.restarts += 1;
        this.launch(sizeOf(this.program.logFile));
      }, this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
    }
  }
}
