import { ConflictError } from "./errors.js";

export interface UpdateOptions<Loaded, Result> {
  /** Loads the object. */
  readonly load: () => Promise<Loaded>;
  /** Sends the change, with the version of what was loaded as `expectedVersion`. */
  readonly change: (loaded: Loaded) => Promise<Result>;
  /**
   * Called after each conflict, with what was loaded before and what is there now. Decides whether the change still makes sense, or asks the user.
   * Default: it does.
   */
  readonly stillApplies?: (before: Loaded, now: Loaded) => boolean | Promise<boolean>;
  /** Default: 5 */
  readonly attempts?: number;
}

/**
 * Changes an object of which somebody else may have a newer version: loads it, changes it, and after a conflict loads it again and tries once more.
 *
 * @throws ConflictError if the change no longer applies, or every attempt had a conflict
 */
export async function updateLatest<Loaded, Result>(options: UpdateOptions<Loaded, Result>): Promise<Result> {
  const { load, change, stillApplies = () => true, attempts = 5 } = options;
  let loaded = await load();
  for (let attempt = 1; ; attempt++) {
    try {
      return await change(loaded);
    } catch (error) {
      // A name that is taken, or an object that is referenced, is a conflict without a version: loading it again changes nothing.
      if (!(error instanceof ConflictError) || error.currentVersion === null || attempt >= attempts) throw error;
      const now = await load();
      if (!(await stillApplies(loaded, now))) throw error;
      loaded = now;
    }
  }
}
