import { useLingui } from "@lingui/react";
import { stageOf, stageTitles, type Staged } from "./stage";

interface StageOfProps {
  readonly request: Staged & { readonly workflow: { readonly stateTitle: string } | null };
}

/** Where a request is, in plain words. One that has ended shows how. */
export function StageOf({ request }: StageOfProps) {
  const { i18n } = useLingui();
  const stage = stageOf(request);
  return (
    <span className="pill" data-stage={stage}>
      {stage === "ended" && request.workflow ? request.workflow.stateTitle : i18n._(stageTitles[stage])}
    </span>
  );
}
