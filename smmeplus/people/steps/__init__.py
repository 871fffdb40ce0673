"""Between the password and the session: a code, a first authenticator, a new password (ACC-2).

Until the last step nobody is signed in: whatever asks who the user is, is told nobody.
"""
