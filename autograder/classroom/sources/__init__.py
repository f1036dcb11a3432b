"""Where a class's submissions come from: each kind of download turned into one list, with people and times.

Known are Gradescope's export (zip or folder), GitHub Classroom's clones, and a folder of folders, zips or tars. Known
are the downloads of Canvas, Moodle, Brightspace, Blackboard, Sakai, Autolab and Submitty, too. What is unusual about a
source is a sentence each; one bad entry never costs another.
"""

from autograder.classroom.sources.model import NOTHING, UNREADABLE, UNUSABLE, ClassSubmission, Source, Try, safe_id
from autograder.classroom.sources.opening import USEFUL, open_source

__all__ = ["NOTHING", "UNREADABLE", "UNUSABLE", "USEFUL", "ClassSubmission", "Source", "Try", "open_source", "safe_id"]
