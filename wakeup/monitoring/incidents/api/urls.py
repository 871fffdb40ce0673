from django.urls import path

from wakeup.monitoring.incidents.api import commands

urlpatterns = [
    path(f"incidents/<int:pk>/{word}/", view.as_view(), name=f"incident-{word}")
    for word, view in {
        "acknowledge": commands.AcknowledgeIncident,
        "comment": commands.CommentIncident,
        "owner": commands.HandOverIncident,
        "reclass": commands.ReclassIncident,
        "merge": commands.MergeIncident,
        "split": commands.SplitIncident,
    }.items()
]
