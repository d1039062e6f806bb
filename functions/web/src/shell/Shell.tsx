import { AppShell, Burger, Container, Group, NavLink, Progress, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChartHistogram, IconPlayerPlay, IconTable, IconUser } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, Outlet, useLocation, useNavigation } from "react-router";
import { useSession } from "@/session/hooks";
import { session } from "@/session/session";
import { LanguageMenu } from "@/shell/LanguageMenu";
import { ThemeMenu } from "@/shell/ThemeMenu";
import { UserMenu } from "@/shell/UserMenu";
import { useTrainingNews } from "@/shell/useTrainingNews";
import { PageTitle } from "@/ui/PageTitle";
import { Unreachable } from "@/ui/ProblemAlert";
import { PRODUCT } from "@/ui/useTitle";
import { Waiting } from "@/ui/Waiting";

const PUBLIC_PATHS = ["/sign-in", "/sign-up", "/forgotten-password"];

/** Frame of all views: header, navigation, and who may see what is in it. */
export function Shell({ onSignedOut }: { onSignedOut: () => void }) {
  const { t } = useTranslation();
  const state = useSession();
  const { pathname, search } = useLocation();
  const navigation = useNavigation();
  const [opened, { toggle, close }] = useDisclosure(false);
  const isPublic = PUBLIC_PATHS.includes(pathname);
  const isSignedIn = state.status === "signed-in";
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useTrainingNews(isSignedIn ? state.user.sub : null);

  useEffect(() => {
    if (state.status === "signed-out") {
      onSignedOut();
    }
  }, [state.status, onSignedOut]);

  useEffect(() => {
    if (before.current !== pathname) {
      before.current = pathname;
      close();
      // A screen reader goes on at what is new, and Tab from there.
      main.current?.focus({ preventScroll: true });
    }
  }, [pathname, close]);

  return (
    <AppShell
      header={{ height: 56 }}
      padding="md"
      {...(isSignedIn ? { navbar: { width: 210, breakpoint: "sm", collapsed: { mobile: !opened } } } : {})}
    >
      <a className="skip-link" href={`${window.location.pathname}#main`}>
        {t("shell.skip")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            {isSignedIn && (
              <Burger
                opened={opened}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={t("shell.navigation")}
                aria-expanded={opened}
              />
            )}
            <img src="favicon.svg" alt="" width={26} height={26} />
            <Text fw={650} style={{ whiteSpace: "nowrap" }}>
              {PRODUCT}
            </Text>
          </Group>
          <Group gap={4} wrap="nowrap">
            <LanguageMenu />
            <ThemeMenu />
            {isSignedIn && <UserMenu user={state.user} />}
          </Group>
        </Group>
        {navigation.state === "loading" && (
          <Progress value={100} animated size={2} radius={0} aria-label={t("waiting")} />
        )}
      </AppShell.Header>
      {isSignedIn && (
        <AppShell.Navbar p="xs" aria-label={t("shell.navigation")}>
          <div style={{ overflowY: "auto" }}>
            <Entry to="/datasets" label={t("shell.datasets")} icon={<IconTable size={18} />} />
            <Entry to="/trainings" label={t("shell.trainings")} icon={<IconPlayerPlay size={18} />} />
            <Entry to="/models" label={t("shell.models")} icon={<IconChartHistogram size={18} />} />
            <Entry to="/account" label={t("shell.account")} icon={<IconUser size={18} />} />
          </div>
        </AppShell.Navbar>
      )}
      <AppShell.Main id="main" ref={main} tabIndex={-1} style={{ outline: "none" }}>
        <Container size="xl" px={0}>
          {state.status === "starting" && <Waiting />}
          {state.status === "unreachable" && (
            <>
              <PageTitle title={PRODUCT} />
              <Unreachable onRetry={() => session.start()} />
            </>
          )}
          {state.status === "signed-out" && !isPublic && (
            <Navigate
              to={state.isWished ? "/sign-in" : `/sign-in?to=${encodeURIComponent(pathname + search)}`}
              replace
            />
          )}
          {state.status === "signed-out" && isPublic && <Outlet />}
          {isSignedIn && isPublic && <Navigate to={returnPath(search)} replace />}
          {isSignedIn && !isPublic && <Outlet />}
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

/** Where a sign-in leads back to: a path of this page, whatever the address says. */
export function returnPath(search: string): string {
  const path = new URLSearchParams(search).get("to") ?? "/";
  // Browsers leave out tabs and line ends, and take a backslash for a slash.
  return /^\/(?!\/)[^\\\p{Cc}]*$/u.test(path) ? path : "/";
}

function Entry({ to, label, icon }: { to: string; label: string; icon: React.ReactNode }) {
  const { pathname } = useLocation();
  const isHere = pathname === to || pathname.startsWith(`${to}/`);
  return (
    <NavLink
      component={Link}
      to={to}
      label={label}
      leftSection={icon}
      active={isHere}
      {...(isHere ? { "aria-current": "page" as const } : {})}
    />
  );
}
