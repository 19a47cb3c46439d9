import { Trans, useLingui } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Priority } from "../gql/graphql";
import { SearchField } from "../parts/search-field";
import { countOf, dues, orders, priorities, type Due, type InboxFilters, type Order } from "./filters";

const route = getRouteApi("/inbox");

/** Search, filters and order of the list. The filters that are set are chips, which remove them. */
export function FilterBar() {
  const { i18n, t } = useLingui();
  const search = route.useSearch();
  const navigate = useNavigate({ from: "/inbox" });
  const { priority = [], due, waiting, order = "due" } = search;
  /** Undefined removes a filter. */
  const set = (change: { readonly [Name in keyof InboxFilters]: InboxFilters[Name] | undefined }): void =>
    void navigate({ search: (before) => ({ ...before, ...change }) as typeof before, replace: true });
  const setPriorities = (chosen: readonly Priority[]): void => set({ priority: chosen.length > 0 ? chosen : undefined });
  return (
    <div className="filters">
      <div className="filter-row">
        <SearchField
          label={t`Search by title`}
          placeholder={t`Search`}
          value={search.text ?? ""}
          onChange={(text) => set({ text: text === "" ? undefined : text })}
        />
        <Menu position="bottom-end" width={220} withinPortal={false} closeOnItemClick={false}>
          <Menu.Target>
            <button type="button" className="quiet">
              <Trans>Filter</Trans>
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              <Trans>Priority</Trans>
            </Menu.Label>
            {(Object.keys(priorities) as Priority[]).map((one) => (
              <Menu.CheckboxItem
                key={one}
                data-priority={one}
                checked={priority.includes(one)}
                onChange={(isOn) => setPriorities(isOn ? [...priority, one] : priority.filter((other) => other !== one))}
              >
                {i18n._(priorities[one])}
              </Menu.CheckboxItem>
            ))}
            <Menu.Divider />
            <Menu.Label>
              <Trans>Due</Trans>
            </Menu.Label>
            <Menu.RadioGroup value={due ?? ""} onChange={(one) => set({ due: one as Due })}>
              {(Object.keys(dues) as Due[]).map((one) => (
                <Menu.RadioItem key={one} value={one} data-due={one}>
                  {i18n._(dues[one])}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Divider />
            <Menu.CheckboxItem checked={waiting ?? false} onChange={(isOn) => set({ waiting: isOn ? true : undefined })}>
              <Trans>Waits for an answer</Trans>
            </Menu.CheckboxItem>
            <Menu.Divider />
            <Menu.Label>
              <Trans>Order</Trans>
            </Menu.Label>
            <Menu.RadioGroup value={order} onChange={(one) => set({ order: one === "due" ? undefined : (one as Order) })}>
              {(Object.keys(orders) as Order[]).map((one) => (
                <Menu.RadioItem key={one} value={one} data-order={one}>
                  {i18n._(orders[one].title)}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Dropdown>
        </Menu>
      </div>
      {(countOf(search) > (search.text ? 1 : 0) || order !== "due") && (
        <ul className="chips" aria-label={t`Filters`}>
          {priority.map((one) => (
            <Chip key={one} name={<Trans>Priority</Trans>} onRemove={() => setPriorities(priority.filter((other) => other !== one))}>
              {i18n._(priorities[one])}
            </Chip>
          ))}
          {due && (
            <Chip name={<Trans>Due</Trans>} onRemove={() => set({ due: undefined })}>
              {i18n._(dues[due])}
            </Chip>
          )}
          {waiting && (
            <Chip onRemove={() => set({ waiting: undefined })}>
              <Trans>Waits for an answer</Trans>
            </Chip>
          )}
          {order !== "due" && (
            <Chip name={<Trans>Order</Trans>} onRemove={() => set({ order: undefined })}>
              {i18n._(orders[order].title)}
            </Chip>
          )}
        </ul>
      )}
    </div>
  );
}

interface ChipProps {
  readonly name?: ReactNode;
  readonly children: ReactNode;
  readonly onRemove: () => void;
}

function Chip({ name, children, onRemove }: ChipProps) {
  return (
    <li>
      <button type="button" className="chip" onClick={onRemove}>
        <span>
          {name && <span className="soft">{name}: </span>}
          {children}
        </span>
        <span aria-hidden="true">×</span>
        <span className="hidden">
          <Trans>Remove</Trans>
        </span>
      </button>
    </li>
  );
}
