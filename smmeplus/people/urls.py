from django.urls import path

from smmeplus.people.account import (
    EndOtherSessions,
    EndSession,
    MyAccount,
    NewRecoveryCodes,
    RemoveSecondFactor,
    SetUpSecondFactor,
)
from smmeplus.people.directory.views import FromDirectory, ToDirectory
from smmeplus.people.steps.views import CodeStep, PasswordStep, SetUpStep

urlpatterns = [
    path("sign-in/code/", CodeStep.as_view(), name="sign-in-code"),
    path("sign-in/set-up/", SetUpStep.as_view(), name="sign-in-set-up"),
    path("sign-in/password/", PasswordStep.as_view(), name="sign-in-password"),
    path("sign-in/directory/", ToDirectory.as_view(), name="directory"),
    path("sign-in/directory/answer/", FromDirectory.as_view(), name="directory-answer"),
    path("account/", MyAccount.as_view(), name="account"),
    path("account/second-factor/", SetUpSecondFactor.as_view(), name="set-up-second-factor"),
    path("account/second-factor/remove/", RemoveSecondFactor.as_view(), name="remove-second-factor"),
    path("account/recovery-codes/", NewRecoveryCodes.as_view(), name="recovery-codes"),
    path("account/end-session/", EndSession.as_view(), name="end-session"),
    path("account/end-other-sessions/", EndOtherSessions.as_view(), name="end-other-sessions"),
]
