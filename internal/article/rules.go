package article

import (
	"time"

	"stet/internal/staff"
)

// State is all that the rules look at. The newsroom's pages carry it too, so that a button and its rule can't disagree.
type State struct {
	Kind      Kind
	Stage     string     // draft, review or returned
	Public    string     // empty, or what readers may see
	Own       bool       // created by the actor, or a byline is the actor's profile
	Scheduled bool       // a first publication or change waits for its time
	Ends      bool       // its withdrawal waits for its time
	Failed    bool       // what was to happen at its time could not
	Changed   bool       // the newest revision isn't the one readers see
	Trashed   bool       // in the trash
	Embargo   *time.Time // not to be public before
}

// Status is the one word a list shows for it.
func (s State) Status() string {
	switch {
	case s.Trashed:
		return "trashed"
	case s.Public == Published && s.Changed:
		return "changed"
	case s.Public == Published:
		return "live"
	case s.Public != "":
		return s.Public
	case s.Scheduled:
		return "scheduled"
	}
	return s.Stage
}

func mine(actor staff.Actor, s State) bool {
	return actor.Can(staff.Editor) || actor.Can(staff.Contributor) && s.Own
}

// CanSee allows reading the draft, its revisions and its preview.
func CanSee(actor staff.Actor, s State) bool { return actor.Can(staff.Contributor) && mine(actor, s) }

// CanSave allows a new revision, which readers don't see.
func CanSave(actor staff.Actor, s State) bool { return mine(actor, s) && !s.Trashed }

// CanPublish allows making the newest revision public: an author their own articles, an editor any. What was withdrawn is restored first,
// what was withheld stays away.
func CanPublish(actor staff.Actor, s State) bool {
	may := actor.Can(staff.Editor) || actor.Can(staff.Author) && s.Own
	return may && !s.Trashed && (s.Public == "" || s.Public == Published || s.Public == Retracted)
}

// CanAppend allows adding or amending a notice of a public article.
func CanAppend(actor staff.Actor, s State) bool {
	return CanPublish(actor, s) && s.Public != ""
}

// CanSubmit allows asking for a review of what is not public yet.
func CanSubmit(actor staff.Actor, s State) bool {
	return CanSave(actor, s) && s.Stage != StageReview && s.Public != Withdrawn && s.Public != Withheld
}

// CanReturn allows an editor to send a submitted draft back.
func CanReturn(actor staff.Actor, s State) bool {
	return actor.Can(staff.Editor) && s.Stage == StageReview && !s.Trashed
}

// CanRetract allows saying of a public article that it no longer holds; the text stays.
func CanRetract(actor staff.Actor, s State) bool {
	return actor.Can(staff.Editor) && s.Public == Published
}

// CanWithdraw allows taking a public article away, leaving its notice.
func CanWithdraw(actor staff.Actor, s State) bool {
	return actor.Can(staff.Editor) && (s.Public == Published || s.Public == Retracted)
}

// CanRestore allows bringing back what was retracted or withdrawn.
func CanRestore(actor staff.Actor, s State) bool {
	return actor.Can(staff.Editor) && (s.Public == Retracted || s.Public == Withdrawn)
}

// CanWithhold allows an admin to remove the content of versions for good.
func CanWithhold(actor staff.Actor, s State) bool {
	return actor.Can(staff.Admin) && s.Public != ""
}

// CanTrash allows putting away what was never public; what was is withdrawn instead.
func CanTrash(actor staff.Actor, s State) bool { return mine(actor, s) && s.Public == "" && !s.Trashed }

// CanUntrash allows taking it out of the trash again.
func CanUntrash(actor staff.Actor, s State) bool { return mine(actor, s) && s.Trashed }

// CanEnd allows setting a time at which a public article is withdrawn, and calling that off.
func CanEnd(actor staff.Actor, s State) bool { return CanWithdraw(actor, s) }

// CanUnschedule allows calling off what waits for its time, and clearing what failed at it. An end is called off only by who may set one.
func CanUnschedule(actor staff.Actor, s State) bool {
	may := actor.Can(staff.Editor) || actor.Can(staff.Author) && s.Own
	return may && (s.Scheduled || s.Failed) || actor.Can(staff.Editor) && s.Ends
}

// CanNote allows telling colleagues something about the draft, and resolving what they said: whoever sees it.
func CanNote(actor staff.Actor, s State) bool { return CanSee(actor, s) }

// CanAssign allows saying whose turn it is: an editor of anybody who may see the article, others of themselves on their own, or of nobody.
func CanAssign(actor staff.Actor, s State) bool { return CanSave(actor, s) }

// CanDuplicate allows beginning a draft with the content of the article.
func CanDuplicate(actor staff.Actor, s State) bool {
	return CanSee(actor, s) && (s.Kind != KindPage || actor.Can(staff.Editor))
}

// CanShare allows showing the draft to somebody without an account. Who loses it takes the links they made along.
func CanShare(actor staff.Actor, s State) bool { return CanSave(actor, s) }

// CanLiftEmbargo allows moving an embargo to an earlier time or lifting it; anyone who may save may set or lengthen one.
func CanLiftEmbargo(actor staff.Actor) bool { return actor.Can(staff.Admin) }
