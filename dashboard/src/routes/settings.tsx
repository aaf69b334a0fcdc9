import { useNavigate } from "@solidjs/router";
import { createSignal, createUniqueId, type JSX, Show } from "solid-js";
import { ShortcutList, ShortcutSwitch } from "../features/help/shortcuts.tsx";
import { DENSITY_CHOICES, TIME_CHOICES } from "../features/preferences/choices.ts";
import { PasswordForm } from "../features/session/password-form.tsx";
import { logOut, logOutEverywhere, user } from "../features/session/session.ts";
import { now } from "../lib/clock.ts";
import { commands } from "../lib/commands.ts";
import { controllerNow } from "../lib/controller-time.ts";
import { toFailure } from "../lib/failure.ts";
import { LOCALE } from "../lib/locale.ts";
import { POLL_INTERVALS_SEC, preferences, setPreference } from "../lib/preferences.ts";
import { exactTime } from "../lib/time.ts";
import { useFleet } from "../live/context.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Moment } from "../ui/moment.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Refusal } from "../ui/refusal.tsx";
import { Segments } from "../ui/segments.tsx";
import { Select } from "../ui/select.tsx";
import { Switch } from "../ui/switch.tsx";
import { ThemeSwitch } from "../ui/theme-switch.tsx";
import "../features/preferences/settings.css";

const INTERVALS = POLL_INTERVALS_SEC.map((seconds) => ({ value: String(seconds), label: `Every ${seconds} s` }));

export function SettingsPage() {
  return (
    <>
      <PageHead title="Settings" />
      <div class="settings">
        <Section title="Appearance">
          <Row label="Theme">
            <ThemeSwitch isCompact={false} />
          </Row>
          <Row label="Density" hint="Row height of tables and lists.">
            <Segments
              label="Density"
              options={DENSITY_CHOICES}
              value={preferences.density}
              onChange={(density) => setPreference("density", density)}
            />
          </Row>
        </Section>
        <TimeSection />
        <LiveSection />
        <Section title="Keyboard">
          <ShortcutSwitch />
          <ShortcutList commands={commands()} />
        </Section>
        <Show when={user()?.method === "password"}>
          <Section title="Password">
            <p class="muted">Changing your password ends all your other sessions.</p>
            <PasswordForm />
          </Section>
        </Show>
        <SessionSection />
        <p class="hint">Appearance, time, live update and keyboard settings are stored in this browser.</p>
      </div>
    </>
  );
}

function TimeSection() {
  const openedAt = controllerNow();
  return (
    <Section title="Time">
      <Row
        label="Show times as"
        hint={`Your time zone: ${new Intl.DateTimeFormat(LOCALE).resolvedOptions().timeZone}.`}
      >
        <Segments
          label="Time format"
          options={TIME_CHOICES}
          value={preferences.time}
          onChange={(time) => setPreference("time", time)}
        />
      </Row>
      <p class="hint">
        Page opened: <Moment at={openedAt} />. Current UTC time: {exactTime(now(), "utc")}.
      </p>
    </Section>
  );
}

function LiveSection() {
  const fleet = useFleet();
  return (
    <Section title="Live updates">
      <Switch
        label="Live updates"
        isOn={preferences.isLive}
        onChange={(isOn) => fleet.setPaused(!isOn)}
        hint="When off, pages do not change until you reload them or resume."
      />
      <Field label="Polling interval" hint="How often pages refresh while there is no live connection.">
        {(control) => (
          <Select
            {...control}
            options={INTERVALS}
            value={String(preferences.pollIntervalSec)}
            onChange={(text) => {
              const seconds = POLL_INTERVALS_SEC.find((known) => String(known) === text);
              if (seconds) setPreference("pollIntervalSec", seconds);
            }}
          />
        )}
      </Field>
    </Section>
  );
}

function SessionSection() {
  const navigate = useNavigate();
  const [message, setMessage] = createSignal("");
  const [isAsking, setAsking] = createSignal(false);
  const leave = async (end: () => Promise<string | null>) => {
    setMessage("");
    try {
      const page = await end();
      if (page !== null) navigate(page);
    } catch (error) {
      setMessage(`You are still logged in: ${toFailure(error).message}. Try again.`);
    }
  };
  return (
    <Section title="Sessions">
      <p>
        Logged in as <strong>{user()?.username}</strong> ({user()?.role})
        {user()?.method === "sso" ? " with single sign-on, which manages your role and password." : "."}
      </p>
      <Refusal text={message()} />
      <div class="settings-actions">
        <button class="button" type="button" onClick={() => void leave(logOut)}>
          Log out of this browser
        </button>
        <Show when={user()?.method !== "token"}>
          <button class="button" type="button" onClick={() => setAsking(true)}>
            Log out everywhere…
          </button>
        </Show>
      </div>
      <Show when={isAsking()}>
        <ConfirmDialog
          title="Log out everywhere?"
          consequences={["All your sessions end at once, including this one.", "API tokens stay valid."]}
          action="Log out everywhere"
          tone="danger"
          onConfirm={() => void leave(logOutEverywhere)}
          onClose={() => setAsking(false)}
        />
      </Show>
    </Section>
  );
}

function Section(props: { title: string; children: JSX.Element }) {
  const id = createUniqueId();
  return (
    <section class="panel settings-section" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </section>
  );
}

function Row(props: { label: string; hint?: string; children: JSX.Element }) {
  return (
    <div class="settings-row">
      <div>
        <div class="settings-label">{props.label}</div>
        <Show when={props.hint}>
          <p class="hint">{props.hint}</p>
        </Show>
      </div>
      {props.children}
    </div>
  );
}
