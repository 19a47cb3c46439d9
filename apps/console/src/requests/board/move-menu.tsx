import { Trans, useLingui } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import { ErrorMessage } from "@weft/react";
import { useState } from "react";
import { useLoaded } from "../../parts/use-loaded";
import type { RequestRow } from "../requests-operations";
import { boardTransitionsQuery, type BoardInstance, type BoardTransition } from "./board-operations";

export interface MoveMenuProps {
  readonly row: RequestRow;
  readonly onFire: (row: RequestRow, instance: BoardInstance, transition: BoardTransition) => void;
}

/** Moves a card without dragging it. What is not possible says why. */
export function MoveMenu({ row, onFire }: MoveMenuProps) {
  const { t } = useLingui();
  const { number } = row;
  const [isOpen, setOpen] = useState(false);
  return (
    <Menu opened={isOpen} onChange={setOpen} position="bottom-end" width={280} shadow="md" portalProps={{ target: "#content" }}>
      <Menu.Target>
        <button type="button" className="move" aria-label={t`Move ${number} to…`}>
          <span aria-hidden="true">⋯</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Trans>Move to…</Trans>
        </Menu.Label>
        {isOpen && row.workflow && (
          <Items instanceId={row.workflow.id} onChosen={(instance, transition) => onFire(row, instance, transition)} />
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ItemsProps {
  readonly instanceId: string;
  readonly onChosen: (instance: BoardInstance, transition: BoardTransition) => void;
}

function Items({ instanceId, onChosen }: ItemsProps) {
  const { data, error } = useLoaded(boardTransitionsQuery, { id: instanceId });
  const instance = data?.workflowInstance;
  if (error) return <ErrorMessage error={error} />;
  if (!data)
    return (
      <Menu.Item disabled>
        <Trans>Loading…</Trans>
      </Menu.Item>
    );
  if (!instance || instance.availableTransitions.length === 0)
    return (
      <Menu.Item disabled>
        <Trans>No transition leads from here.</Trans>
      </Menu.Item>
    );
  return instance.availableTransitions.map((transition) => (
    <Menu.Item
      key={transition.name}
      data-transition={transition.name}
      // Not `disabled`: the reasons can be reached by keyboard.
      aria-disabled={!transition.allowed}
      closeMenuOnClick={transition.allowed}
      onClick={() => transition.allowed && onChosen(instance, transition)}
    >
      {transition.toTitle} <span className="soft">· {transition.title}</span>
      {transition.reasons.map((reason) => (
        <span key={reason} className="reason">
          {reason}
        </span>
      ))}
    </Menu.Item>
  ));
}
