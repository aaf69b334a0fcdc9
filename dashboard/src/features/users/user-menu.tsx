import { Dots } from "../../ui/icons.tsx";
import { Menu } from "../../ui/menu.tsx";
import type { MenuItem } from "../../ui/menu-popup.tsx";
import { user as me } from "../session/session.ts";
import { mayGive, type UserEntry } from "./users.ts";

export type UserAction = "access" | "link" | "end-sessions" | "deactivate" | "reactivate";

interface UserMenuProps {
  user: UserEntry;
  onAction: (action: UserAction) => void;
}

/** The actions on a user. */
export function UserMenu(props: UserMenuProps) {
  const items = (): MenuItem[] => {
    const { role, is_active: isActive, has_password: hasPassword, is_sso: isSso } = props.user;
    const isAbove = !mayGive(me()?.role, role);
    const item = (action: UserAction, label: string): MenuItem => ({
      label,
      run: () => props.onAction(action),
      isDisabled: isAbove,
      ...(isAbove && { hint: "Their role is above yours" }),
    });
    const ofProvider = isSso && !isAbove && { isDisabled: true, hint: "Managed by single sign-on" };
    return [
      { ...item("access", "Change access…"), ...ofProvider },
      { ...item("link", hasPassword || isSso ? "Password reset link…" : "New invite link…"), ...ofProvider },
      item("end-sessions", "End sessions…"),
      isActive
        ? { ...item("deactivate", "Deactivate…"), tone: "danger", isApart: true }
        : { ...item("reactivate", "Reactivate"), isApart: true },
    ];
  };
  return <Menu label={`Actions for ${props.user.username}`} button={<Dots />} items={items()} />;
}
