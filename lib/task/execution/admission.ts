import type {PlannedTask, ResourceRequest} from '../plan.js';

/** What may run at a time. */
export interface AdmissionLimits {
  readonly tasks: number;
  readonly cpu: number;
  readonly memoryBytes: number;
  /** Tasks of a stage at a time, where it says so. */
  readonly perStage: ReadonlyMap<string, number>;
}

/** A task that asks to start. */
interface Applicant {
  readonly task: PlannedTask;
  readonly rank: number;
  readonly order: number;
  readonly admit: (admitted: boolean) => void;
}

/**
 * Lets tasks start as room for them comes: those with the highest rank first, among equals in the order in which they asked.
 * One that does not fit lets smaller ones pass.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #rankOf: (task: PlannedTask) => number;
  readonly #waiting: Applicant[] = [];
  readonly #inStage = new Map<string, number>();
  #running = 0;
  #cpu = 0;
  #memoryBytes = 0;
  #asked = 0;

  /** @param rankOf higher is earlier. */
  constructor(limits: AdmissionLimits, rankOf: (task: PlannedTask) => number) {
    this.#limits = limits;
    this.#rankOf = rankOf;
  }

  /** Resolves to true when the task may start, which it then holds until `leave`; to false when it was sent away. */
  enter(task: PlannedTask): Promise<boolean> {
    return new Promise((admit) => {
      this.#asked += 1;
      this.#insert({task, rank: this.#rankOf(task), order: this.#asked, admit});
      this.#admitSome();
    });
  }

  /** A task that was admitted makes room. */
  leave({stage, request}: PlannedTask): void {
    this.#running -= 1;
    this.#add(request, -1);
    if (stage !== undefined) this.#inStage.set(stage, (this.#inStage.get(stage) ?? 1) - 1);
    this.#admitSome();
  }

  /** Sends waiting tasks away. */
  sendAway(which: (task: PlannedTask) => boolean): void {
    const staying = this.#waiting.filter(({task}) => !which(task));
    const leaving = this.#waiting.filter(({task}) => which(task));
    this.#waiting.splice(0, this.#waiting.length, ...staying);
    for (const {admit} of leaving) admit(false);
  }

  // Sorted by rank, then order: most come last, so it is looked for from the end.
  #insert(applicant: Applicant): void {
    let index = this.#waiting.length;
    while (index > 0 && (this.#waiting[index - 1]?.rank ?? 0) < applicant.rank) index -= 1;
    this.#waiting.splice(index, 0, applicant);
  }

  #admitSome(): void {
    let index = 0;
    while (index < this.#waiting.length && this.#running < this.#limits.tasks) {
      const applicant = this.#waiting[index];
      if (!applicant || !this.#fits(applicant.task)) {
        index += 1;
        continue;
      }
      this.#waiting.splice(index, 1);
      this.#running += 1;
      const {stage, request} = applicant.task;
      this.#add(request, 1);
      if (stage !== undefined) this.#inStage.set(stage, (this.#inStage.get(stage) ?? 0) + 1);
      applicant.admit(true);
    }
  }

  #fits({stage, request: {cpu = 0, memoryBytes = 0}}: PlannedTask): boolean {
    const {perStage, cpu: cores, memoryBytes: bytes} = this.#limits;
    const most = stage === undefined ? undefined : perStage.get(stage);
    if (most !== undefined && (this.#inStage.get(stage ?? '') ?? 0) >= most) return false;
    // Sums of fractions of cores are not exact.
    return this.#cpu + cpu <= cores + 1e-9 && this.#memoryBytes + memoryBytes <= bytes;
  }

  #add({cpu = 0, memoryBytes = 0}: ResourceRequest, sign: 1 | -1): void {
    this.#cpu += sign * cpu;
    this.#memoryBytes += sign * memoryBytes;
  }
}
