import type { JSX } from "solid-js";
import {
  ActivityIcon,
  ApiIcon,
  AuditIcon,
  CostsIcon,
  KeyIcon,
  LogsIcon,
  MessagesIcon,
  OrganizationsIcon,
  OverviewIcon,
  SettingsIcon,
  UsersIcon,
} from "../../ui/icons.tsx";

export interface Place {
  href: string;
  title: string;
  icon: () => JSX.Element;
  keys?: string;
  /** A page outside the dashboard. */
  isExternal?: boolean;
}

/** All pages, in the order of the rail. On a narrow screen the first four are in the bar, the others under "More". */
export const PLACES: readonly Place[] = [
  { href: "/", title: "Overview", icon: OverviewIcon, keys: "g h" },
  { href: "/organizations", title: "Organizations", icon: OrganizationsIcon, keys: "g o" },
  { href: "/messages", title: "Messages", icon: MessagesIcon, keys: "g m" },
  { href: "/activity", title: "Activity", icon: ActivityIcon, keys: "g a" },
  { href: "/logs", title: "Logs", icon: LogsIcon, keys: "g l" },
  { href: "/audit", title: "Audit log", icon: AuditIcon, keys: "g t" },
  { href: "/costs", title: "Costs", icon: CostsIcon, keys: "g c" },
  { href: "/users", title: "Users", icon: UsersIcon, keys: "g u" },
  { href: "/tokens", title: "API tokens", icon: KeyIcon, keys: "g k" },
  { href: "/settings", title: "Settings", icon: SettingsIcon, keys: "g s" },
  { href: "/docs", title: "API docs", icon: ApiIcon, isExternal: true },
];

export const BAR_PLACES = 4;
