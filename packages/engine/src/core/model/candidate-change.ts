/** New candidates of an open task. `assigneeId`: who has claimed it; null: it is in the queue. `isKept`: the claim has not changed. */
export type CandidateChange = {
  readonly id: string;
  readonly candidateUserIds: readonly string[];
  readonly candidateTeamIds: readonly string[];
  readonly candidateVendorIds: readonly string[];
  readonly assigneeId: string | null;
  readonly isKept: boolean;
};
