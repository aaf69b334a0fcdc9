import { A, useNavigate } from "@solidjs/router";
import { toFailure } from "../../lib/failure.ts";
import { useFleet } from "../../live/context.ts";
import { BrandMark, Door, Pause, Person, Play, SettingsIcon } from "../../ui/icons.tsx";
import { LiveChip } from "../../ui/live-chip.tsx";
import { Menu } from "../../ui/menu.tsx";
import { ThemeSwitch } from "../../ui/theme-switch.tsx";
import { notify } from "../../ui/toast.tsx";
import { logOut, user } from "../session/session.ts";

export function TopBar() {
  const navigate = useNavigate();
  const leave = async () => {
    try {
      await logOut();
      navigate("/login");
    } catch (error) {
      notify({ tone: "danger", text: `You are still logged in: ${toFailure(error).message}. Try again.` });
    }
  };

  return (
    <header class="topbar">
      <A class="brand" href="/">
        <BrandMark />
        <span>Moolai Controller</span>
      </A>
      <div class="topbar-end">
        <LiveChip />
        <PauseButton />
        <ThemeSwitch />
        <Menu
          label={`Account of ${user()?.username}`}
          button={<Person />}
          items={[
            { label: "Settings", icon: SettingsIcon, href: "/settings", hint: `Signed in as ${user()?.username}` },
            { label: "Log out", icon: Door, run: () => void leave(), isApart: true },
          ]}
        />
      </div>
    </header>
  );
}

function PauseButton() {
  const fleet = useFleet();
  const isPaused = () => fleet.connection().mode === "paused";
  const label = () => (isPaused() ? "Resume live updates" : "Pause live updates");
  return (
    <button
      class="icon-button"
      type="button"
      aria-label={label()}
      title={label()}
      onClick={() => fleet.setPaused(!isPaused())}
    >
      {isPaused() ? <Play /> : <Pause />}
    </button>
  );
}
